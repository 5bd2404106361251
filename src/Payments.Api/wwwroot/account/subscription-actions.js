// @ts-check
import { api, newKey } from '../assets/api.js';
import { el, freshId } from '../assets/dom.js';
import { day } from '../assets/format.js';
import { busy, confirmDialog, problem, toast } from '../assets/frame.js';
import { changed } from './changes.js';
import { sentence } from './subscription.js';

/** Ending a subscription, going on with it, and pausing it. Each asks first, except for what only takes something back. */

/** @typedef {import('./subscription.js').Subscription} Subscription */

/** @param {Subscription} subscription @param {Element} card */
export function cancelButton(subscription, card) {
  const ending = subscription.cancelAtPeriodEnd || subscription.cancelAt !== null;
  return action(ending ? 'End it now' : 'Cancel', subscription, card, async () => {
    const end = subscription.status === 'trialing' ? subscription.trialEnd : subscription.currentPeriodEnd;
    const key = newKey();
    const atEnd = radio('atPeriodEnd', 'true', !ending, el('span', el('strong', `On ${day(end)}`), el('br'), 'You keep everything until then and are not charged again. You can change your mind until then.'));
    const now = radio('atPeriodEnd', 'false', ending, el('span', el('strong', 'Now'), el('br'), 'Access ends at once. Nothing is given back for the rest of the period.'));
    return await confirmDialog({
      title: `Cancel ${subscription.plan?.name ?? 'the subscription'}?`,
      body: el('fieldset', el('legend', 'When is it to end?'), !ending && end && atEnd, now),
      action: 'Cancel the subscription', cancel: 'Keep it', danger: true,
      run: form => api.post(`subscriptions/${subscription.id}/cancel`, { atPeriodEnd: form.get('atPeriodEnd') === 'true' }, { idempotencyKey: `${key}:${form.get('atPeriodEnd')}` }),
    });
  });
}

/** @param {Subscription} subscription @param {Element} card */
export function resumeButton(subscription, card) {
  const text = subscription.pause ? 'Go on paying for it' : 'Keep it after all';
  return action(text, subscription, card, () => api.post(`subscriptions/${subscription.id}/resume`, undefined, { idempotencyKey: newKey() }), 'tinted');
}

/** @param {Subscription} subscription @param {Element} card */
export function pauseButton(subscription, card) {
  return action('Pause', subscription, card, async () => {
    const id = freshId('resumes');
    const key = newKey();
    return await confirmDialog({
      title: 'Pause the payments?',
      body: [
        el('p', 'Nothing is charged while it is paused, and the credits of each period do not come. You can go on whenever you like.'),
        el('div', { class: 'field' },
          el('label', { for: id }, 'Go on by itself on (optional)'),
          el('input', { id, name: 'resumesAt', type: 'date' }),
          el('p', { class: 'hint' }, 'Left empty, it stays paused until you go on.')),
      ],
      action: 'Pause', cancel: 'Do not pause',
      run: form => {
        const date = String(form.get('resumesAt') ?? '');
        const resumesAt = date ? new Date(`${date}T00:00`).toISOString() : null;
        return api.post(`subscriptions/${subscription.id}/pause`, { resumesAt }, { idempotencyKey: `${key}:${date}` });
      },
    });
  });
}

/**
 * @param {string} text
 * @param {Subscription} subscription
 * @param {Element} card where a refusal is shown
 * @param {() => Promise<any>} work answers the subscription as it is then; null when it was left
 * @param {string} [kind]
 */
function action(text, subscription, card, work, kind = '') {
  const button = el('button', { class: `button ${kind}`, type: 'button', 'aria-label': `${text}: ${subscription.plan?.name ?? 'subscription'}` }, text);
  button.addEventListener('click', () => busy(button, async () => {
    problem(card, null);
    try {
      const after = await work();
      if (after) say(after);
    } catch (error) {
      problem(card, error);
      changed('subscriptions'); // Perhaps it is not any more what was shown.
    }
  }));
  return button;
}

/** @param {Subscription} subscription as it is now */
export function say(subscription) {
  toast(`${subscription.plan?.name ?? 'Subscription'}: ${sentence(subscription)}`);
  changed('subscriptions', 'invoices', 'payments', 'credits');
}

/** @param {string} name @param {string} value @param {boolean} checked @param {Node} label */
const radio = (name, value, checked, label) => el('label', { class: 'check choice' }, el('input', { type: 'radio', name, value, checked }), label);

// @ts-check
import { api, newKey, withQuery } from '../assets/api.js';
import { el, freshId } from '../assets/dom.js';
import { count, day, money, plural } from '../assets/format.js';
import { busy, confirmDialog, problem } from '../assets/frame.js';
import { linesTable } from './invoice.js';
import { say } from './subscription-actions.js';
import { every } from './subscription.js';

/**
 * Another plan, other seats, or both: chosen here, looked at with its prices, and only then made.
 *
 * @typedef {import('./subscription.js').Subscription} Subscription
 * @typedef {import('../assets/format.js').Money} Money
 *
 * @typedef {object} Plan
 * @property {string} id
 * @property {string} name
 * @property {Money} price
 * @property {string} interval
 * @property {number} intervalCount
 * @property {number} creditsPerPeriod
 * @property {string} family
 * @property {number} maximumQuantity
 *
 * @typedef {object} Preview
 * @property {Money} dueNow
 * @property {Money} nextTotal
 * @property {'now' | 'nextInvoice' | 'none'} proration
 * @property {string} at
 * @property {string | null} nextAt
 * @property {import('./invoice.js').InvoiceLine[]} lines
 */

/**
 * @param {Subscription} subscription
 * @param {Plan[]} plans all that are on sale
 * @returns {{ button: HTMLElement, panel: HTMLElement } | null} null when there is nothing to change to
 */
export function changePanel(subscription, plans) {
  const { plan, planId, quantity, status } = subscription;
  if (!plan || (status !== 'active' && status !== 'trialing')) return null;
  const family = plans.filter(other => other.family === plan.family && other.price.currency === plan.price.currency);
  const others = family.filter(other => other.id !== planId);
  const seats = Math.max(plan.maximumQuantity, ...family.map(other => other.maximumQuantity));
  if (others.length === 0 && seats === 1) return null;

  const id = freshId('change');
  const seatsId = freshId('seats');
  const input = el('input', { id: seatsId, class: 'quantity', name: 'quantity', type: 'number', min: 1, max: seats, step: 1, inputmode: 'numeric', value: quantity, required: true });
  const look = el('button', { class: 'button primary', type: 'submit' }, 'See what it costs');
  const text = `Change ${[others.length > 0 && 'plan', seats > 1 && 'seats'].filter(Boolean).join(' or ')}`;
  const button = el('button', { class: 'button tinted', type: 'button', 'aria-expanded': 'false', 'aria-controls': id, 'aria-label': `${text}: ${plan.name}` }, text);
  const panel = el('form', { id, class: 'stack change', novalidate: true, hidden: true },
    el('fieldset', { hidden: others.length === 0 }, el('legend', 'Plan'),
      planChoice({ ...plan, id: planId ?? '' }, seats > 1, true),
      others.map(other => planChoice(other, seats > 1, false))),
    seats > 1 && el('div', { class: 'field' }, el('label', { for: seatsId }, 'Seats'), input, el('p', { class: 'hint' }, `Up to ${count(seats)}`)),
    el('div', { class: 'row' }, look, el('button', { class: 'button', type: 'button', on: { click: () => open(false) } }, 'Leave it')));

  /** @param {boolean} isOpen */
  function open(isOpen) {
    panel.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
    problem(panel, null);
    if (isOpen) panel.querySelector('input')?.focus();
    else button.focus();
  }

  button.addEventListener('click', () => open(Boolean(panel.hidden)));
  panel.addEventListener('submit', event => {
    event.preventDefault();
    const wish = wishOf(new FormData(panel), subscription);
    void busy(look, () => propose(subscription, wish, others.find(other => other.id === wish.planId)?.name ?? plan.name, panel));
  });
  return { button, panel };
}

/** Only what is wanted otherwise is said. @param {FormData} form @param {Subscription} subscription */
function wishOf(form, subscription) {
  const planId = String(form.get('planId'));
  const quantity = form.has('quantity') ? Number(form.get('quantity')) : subscription.quantity;
  return {
    planId: planId === subscription.planId ? undefined : planId,
    // What is no number of seats is the API's to refuse.
    quantity: quantity !== subscription.quantity || planId === subscription.planId ? (Number.isInteger(quantity) ? quantity : 0) : undefined,
  };
}

/**
 * @param {Subscription} subscription
 * @param {{ planId?: string, quantity?: number }} wish
 * @param {string} name of the plan that is wanted
 * @param {HTMLElement} panel
 */
async function propose(subscription, wish, name, panel) {
  problem(panel, null);
  try {
    /** @type {Preview} */
    const preview = await api.get(withQuery(`subscriptions/${subscription.id}/preview`, wish));
    const key = newKey();
    const after = await confirmDialog({
      title: wish.planId ? `Change to ${name}?` : `Change to ${plural(wish.quantity ?? 1, 'seat')}?`,
      body: costs(preview),
      action: preview.dueNow.amount > 0 ? `Pay ${money(preview.dueNow)} and change` : 'Change',
      cancel: 'Not now',
      // What was shown is what is charged: the preview's moment goes with it.
      run: () => api.put(`subscriptions/${subscription.id}`, { ...wish, at: preview.at }, { idempotencyKey: key }),
    });
    if (after) say(after);
  } catch (error) {
    problem(panel, error);
  }
}

/** @param {Preview} preview */
function costs({ dueNow, nextTotal, proration, nextAt, lines }) {
  const credit = nextTotal.amount < 0;
  return [
    lines.length > 0 && linesTable(lines),
    el('dl', { class: 'facts sums' },
      el('dt', 'Due now'), el('dd', el('strong', money(dueNow))),
      proration !== 'now' && [el('dt', nextAt ? `Next invoice, ${day(nextAt)}` : 'Next invoice'), el('dd', credit ? money({ ...nextTotal, amount: 0 }) : money(nextTotal))]),
    el('p', { class: 'muted' }, dueNow.amount > 0 ? 'Your saved card is charged now. If it is declined, nothing changes.'
      : proration === 'now' ? 'Nothing is charged now: what you have paid already is worth more.'
      : proration === 'nextInvoice' ? 'Nothing is charged now; the difference is made good with the next invoice.'
      : 'Nothing is charged now; the new price counts from the next period on.'),
    credit && el('p', { class: 'muted' }, `${money({ ...nextTotal, amount: -nextTotal.amount })} stay with your account and pay what comes later.`),
  ];
}

/** @param {Omit<Plan, 'creditsPerPeriod'> & { creditsPerPeriod?: number }} plan @param {boolean} seats @param {boolean} isCurrent */
function planChoice({ id, name, price, creditsPerPeriod, ...plan }, seats, isCurrent) {
  return el('label', { class: 'check choice' },
    el('input', { type: 'radio', name: 'planId', value: id, checked: isCurrent }),
    el('span',
      el('strong', name), isCurrent && el('span', { class: 'badge info' }, 'Now'), el('br'),
      el('span', { class: 'muted' }, `${money(price)}${seats ? ' a seat' : ''} ${every(plan)}${creditsPerPeriod ? `, ${plural(creditsPerPeriod, 'credit')}` : ''}`)));
}

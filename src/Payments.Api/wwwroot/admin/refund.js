// @ts-check
import { api, ApiProblem, postOfForm, withQuery } from '../assets/api.js';
import { el, freshId, replace } from '../assets/dom.js';
import { count, day, money, parseMoney, plural } from '../assets/format.js';
import { confirmDialog, problem, toast } from '../assets/frame.js';
import { choice, check, field, reasonField } from './forms.js';
import { words } from './parts.js';

/** Giving money back: what it would do is shown first, and what was shown is what is done. */

/** @typedef {{ amount: number | null, cancelSubscription: boolean }} Wanted the amount in minor units; null for all that remains */

const pause = 300; // milliseconds after a keystroke

/** @param {Record<string, any>} payment @returns {Promise<boolean>} whether a refund was made */
export async function refundDialog(payment) {
  const post = postOfForm();
  const { node, wanted, isShown } = body(payment);
  const refund = await confirmDialog({
    title: 'Refund',
    body: node,
    action: 'Refund',
    danger: true,
    run: form => {
      const { amount, cancelSubscription } = wanted();
      if (!isShown()) throw new ApiProblem({ status: 400, detail: 'Wait until it is shown what the refund does.' });
      return post(`payments/${payment.id}/refunds`, {
        amount: amount === null ? null : { amount, currency: payment.amount.currency },
        reason: /** @type {any} one of the options above */ (form.get('why')), note: String(form.get('note')).trim() || null, cancelSubscription, restock: restockOf(payment, form),
      });
    },
  });
  if (!refund) return false;
  const made = /** @type {Record<string, any>} */ (refund);
  toast(made.status === 'failed' ? `The refund failed: ${made.failureReason}.` : `${money(made.amount)} is on its way back.`, made.status === 'failed' ? 'bad' : 'good');
  return true;
}

/** @param {Record<string, any>} payment */
function body(payment) {
  const amountId = freshId('amount');
  const amount = el('input', { id: amountId, name: 'amount', inputmode: 'decimal', autocomplete: 'off', placeholder: money(payment.refundable), disabled: true });
  const amountField = el('div', { class: 'field', hidden: true }, el('label', { for: amountId }, `Amount in ${payment.amount.currency.toUpperCase()}`), amount);
  const ending = payment.kind === 'subscription' && check({ name: 'cancelSubscription', label: 'End the subscription with it, when all of it goes back', checked: true });
  const pieces = piecesOf(payment);
  const effect = el('div', { class: 'effect', 'aria-live': 'polite' });
  const node = el('div', { class: 'stack' },
    el('fieldset',
      el('legend', 'How much'),
      radio('all', `All that remains: ${money(payment.refundable)}`, true),
      radio('part', 'A part', false)),
    amountField,
    choice({ name: 'why', label: 'Reason', value: 'requestedByCustomer', options: ['requestedByCustomer', 'duplicate', 'fraudulent', 'other'].map(name => [name, words(name)]) }),
    reasonField({ name: 'note', label: 'Note', hint: 'For staff; the buyer never sees it.' }),
    ending,
    pieces.length > 0 && el('fieldset', el('legend', 'Pieces that came back, to be on sale again'), pieces.map(({ line, name }) =>
      field({ name, label: `${line.name}, of ${count(line.quantity - line.restocked)}`, value: 0, type: 'number', min: 0, max: line.quantity - line.restocked, step: 1, class: 'quantity' }))),
    el('section', { class: 'notice', 'aria-label': 'What this does' }, el('h3', 'What this does'), effect));

  const isPart = () => /** @type {HTMLInputElement} */ (node.querySelector('[value="part"]')).checked;
  /** @returns {Wanted} @throws {ApiProblem} */
  const wanted = () => ({
    amount: isPart() ? parseMoney(amount.value, payment.amount.currency) ?? reject(amount.value) : null,
    cancelSubscription: !ending || /** @type {HTMLInputElement} */ (ending.querySelector('input')).checked,
  });
  let shown = false;
  let asked = 0;
  async function show() {
    const mine = ++asked;
    shown = false;
    problem(node, null);
    const text = isPart() && amount.value.trim() === '';
    if (text) {
      replace(effect, el('p', 'Say how much.'));
      return;
    }

    try {
      const { amount: minor, cancelSubscription } = wanted();
      const preview = await api.get(withQuery(`payments/${payment.id}/refunds/preview`, { amount: minor, cancelSubscription }));
      if (mine !== asked) return;
      replace(effect, effects(preview));
      shown = true;
    } catch (error) {
      if (mine !== asked) return;
      replace(effect, el('p', { class: 'field-error' }, error instanceof ApiProblem ? error.detail : 'This could not be found out.'));
      if (!(error instanceof ApiProblem)) throw error;
    }
  }

  let timer = 0;
  node.addEventListener('input', event => {
    const { name } = /** @type {HTMLInputElement} */ (event.target);
    if (!['much', 'amount', 'cancelSubscription'].includes(name)) return;
    amountField.hidden = amount.disabled = !isPart();
    if (name === 'much' && isPart()) amount.focus();
    shown = false;
    clearTimeout(timer);
    timer = setTimeout(show, name === 'amount' ? pause : 0);
  });
  void show();
  return { node, wanted, isShown: () => shown };
}

/** What of its order is not on sale again yet. @param {Record<string, any>} payment @returns {{ name: string, line: Record<string, any> }[]} */
const piecesOf = ({ links: { order } }) => (order?.lines ?? []).filter((/** @type {any} */ line) => line.quantity > line.restocked)
  .map((/** @type {any} */ line) => ({ line, name: `restock.${line.productId}` }));

/** @param {Record<string, any>} payment @param {FormData} form */
const restockOf = (payment, form) => piecesOf(payment).map(({ line, name }) => ({ productId: line.productId, quantity: Number(form.get(name)) })).filter(({ quantity }) => quantity !== 0);

/** @param {string} value @param {string} label @param {boolean} checked */
const radio = (value, label, checked) => el('label', { class: 'check' }, el('input', { type: 'radio', name: 'much', value, checked }), label);

/** @param {string} text @returns {never} */
function reject(text) {
  const detail = /^\s*\d/.test(text) ? 'Write the amount with a point for the decimals and nothing else, and no more decimals than the currency has.' : 'Write an amount.';
  throw new ApiProblem({ status: 400, detail, errors: { amount: [detail] } });
}

/** @param {Record<string, any>} preview as `GET payments/{id}/refunds/preview` has it */
function effects({ amount, refundableAfter, statusAfter, credits, accessEnds, subscriptionEnds }) {
  return el('ul',
    el('li', el('strong', money(amount)), ' goes back; ', refundableAfter.amount > 0 ? `${money(refundableAfter)} could still follow.` : 'nothing is left to give back.'),
    el('li', `The payment becomes: ${words(statusAfter).toLowerCase()}.`),
    credits && (credits.takenBack > 0 ? creditEffects(credits) : el('li', 'No credits are taken back.')),
    accessEnds && el('li', el('strong', accessEnds.type === 'platform' ? 'Access to the platform' : `Access to ${accessEnds.type} ${accessEnds.id}`), ' ends.'),
    subscriptionEnds && el('li', el('strong', `The subscription${subscriptionEnds.planName ? ` ${subscriptionEnds.planName}` : ''}`), ' is cancelled at once',
      subscriptionEnds.paidUntil && `; it was paid until ${day(subscriptionEnds.paidUntil)}`, '.'));
}

/** @param {Record<string, number>} credits */
const creditEffects = ({ takenBack, expired, forgiven, debt, balance, balanceAfter }) => [
  el('li', el('strong', plural(takenBack, 'credit')), ` ${takenBack === 1 ? 'is' : 'are'} taken back; the balance goes from ${count(balance)} to `, el('strong', count(balanceAfter)), '.'),
  expired > 0 && el('li', `${count(expired)} of them had expired already.`),
  forgiven > 0 && el('li', `${count(forgiven)} of them have been spent and are let go.`),
  debt > 0 && el('li', el('strong', `A debt of ${plural(debt, 'credit')}`), ' arises: they have been spent. Later credits pay it first.'),
];

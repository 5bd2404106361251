// @ts-check
import { api, newKey } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { money, when } from '../assets/format.js';
import { busy, confirmDialog, toast } from '../assets/frame.js';
import { pagedTable } from '../assets/table.js';
import { changed } from './changes.js';
import { orders } from './orders.js';
import { detailsButton } from './payments.js';
import { badge, moment, paymentStatus, resourceType, undelivered } from './words.js';

/**
 * Items that were bought, and orders of things.
 *
 * @typedef {object} Purchase
 * @property {string} id also its payment's
 * @property {string} name
 * @property {string} resourceType
 * @property {string} status of its payment
 * @property {import('../assets/format.js').Money} amount
 * @property {import('../assets/format.js').Money} refunded
 * @property {boolean} owned
 * @property {boolean} refundable
 * @property {string | null} refundableUntil
 * @property {string | null} undelivered
 * @property {string} createdAt
 * @property {string | null} completedAt
 */

/** @returns {import('./account.js').Section} */
export function purchases() {
  const items = pagedTable({
    path: 'purchases',
    caption: 'Courses, learning paths and labs, newest first',
    empty: 'You have bought no course, learning path or lab yet.',
    columns: [
      { title: 'Item', header: true, cell: (/** @type {Purchase} */ purchase) => el('div', { class: 'stack tight' }, el('span', purchase.name), el('span', { class: 'muted small' }, resourceType[purchase.resourceType] ?? purchase.resourceType)) },
      { title: 'Bought', cell: purchase => moment(purchase.completedAt ?? purchase.createdAt) },
      { title: 'Status', cell: status },
      { title: 'Price', numeric: true, cell: purchase => money(purchase.amount) },
      { title: 'Actions', cell: actions },
    ],
  });
  const ordered = orders();
  const node = el('div', { class: 'stack' },
    el('div', { class: 'card' }, el('h3', 'Courses and labs'), items.node),
    el('div', { class: 'card' }, el('h3', 'Orders'), ordered.node));
  return { node, topics: ['purchases', 'orders', 'payments'], reload: async () => { await Promise.all([items.reload(), ordered.reload()]); } };
}

/** @param {Purchase} purchase */
function status(purchase) {
  return el('div', { class: 'stack tight' },
    el('span', purchase.owned ? el('span', { class: 'badge good' }, 'Yours') : badge(paymentStatus, purchase.status)),
    purchase.undelivered && el('span', { class: 'muted small' }, undelivered[purchase.undelivered] ?? purchase.undelivered),
    purchase.refundable && el('span', { class: 'muted small' }, `Money back until ${when(purchase.refundableUntil)}`));
}

/** @param {Purchase} purchase */
function actions(purchase) {
  return el('div', { class: 'actions' },
    purchase.refundable && giveBackButton(purchase),
    detailsButton(purchase.id, purchase.name, purchase.completedAt !== null));
}

/** @param {Purchase} purchase */
function giveBackButton(purchase) {
  const button = el('button', { class: 'button small', type: 'button', 'aria-label': `Give back: ${purchase.name}` }, 'Give back');
  button.addEventListener('click', () => busy(button, async () => {
    const left = money({ ...purchase.amount, amount: purchase.amount.amount - purchase.refunded.amount });
    const key = newKey();
    const refund = await confirmDialog({
      title: `Give back ${purchase.name}?`,
      body: `${left} go back to where they came from, and your access to it ends. Banks take up to ten days to show it.`,
      action: `Give it back for ${left}`, cancel: 'Keep it', danger: true,
      run: () => api.post(`purchases/${purchase.id}/refund`, undefined, { idempotencyKey: key }),
    });
    if (!refund) return;
    if (refund.status === 'failed') toast(`${purchase.name}: the money could not be sent back. Please write to us.`, 'bad');
    else toast(`${money(refund.amount)} for ${purchase.name} are on their way back to you.`);
    changed('purchases', 'payments', 'credits');
  }));
  return button;
}

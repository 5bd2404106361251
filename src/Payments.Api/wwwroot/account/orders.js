// @ts-check
import { api, newKey } from '../assets/api.js';
import { openCheckout } from '../assets/checkouts.js';
import { el } from '../assets/dom.js';
import { count, money, when } from '../assets/format.js';
import { busy, confirmDialog, toast } from '../assets/frame.js';
import { pagedTable } from '../assets/table.js';
import { changed } from './changes.js';
import { detailsButton } from './payments.js';
import { badge, cancelReason, moment, orderStatus } from './words.js';

/**
 * @typedef {object} Order
 * @property {string} id
 * @property {string} status
 * @property {import('../assets/format.js').Money} total
 * @property {{ name: string, quantity: number, price: import('../assets/format.js').Money, restocked: number }[]} lines
 * @property {string | null} paymentId
 * @property {string | null} cancelReason
 * @property {string} createdAt
 * @property {string} expiresAt
 */

/** Orders of things; one that is not paid yet is paid or cancelled from here. */
export function orders() {
  return pagedTable({
    path: 'orders',
    caption: 'Your orders, newest first',
    empty: 'You have ordered nothing yet.',
    columns: [
      { title: 'Order', header: true, cell: (/** @type {Order} */ order) => el('ul', { class: 'plain tight' }, order.lines.map(line => el('li', `${count(line.quantity)} × ${line.name}`))) },
      { title: 'Placed', cell: order => moment(order.createdAt) },
      { title: 'Status', cell: status },
      { title: 'Total', numeric: true, cell: order => money(order.total) },
      { title: 'Actions', cell: actions },
    ],
  });
}

/** @param {Order} order */
const title = order => order.lines.map(line => `${count(line.quantity)} × ${line.name}`).join(', ');

/** @param {Order} order */
function status(order) {
  return el('div', { class: 'stack tight' },
    el('span', badge(orderStatus, order.status)),
    order.status === 'PENDING' && el('span', { class: 'muted small' }, `Set aside for you until ${when(order.expiresAt)}`),
    order.cancelReason && el('span', { class: 'muted small' }, cancelReason[order.cancelReason] ?? order.cancelReason));
}

/** @param {Order} order */
function actions(order) {
  const { paymentId } = order;
  return el('div', { class: 'actions' },
    order.status === 'PENDING' && [payButton(order), cancelButton(order)],
    paymentId && order.status !== 'PENDING' && detailsButton(paymentId, title(order), order.status === 'CONFIRMED'));
}

/** @param {Order} order */
export function payButton(order) {
  const key = newKey();
  return doing('Pay', 'primary', order, () => openCheckout(title(order), { orderId: order.id }, key));
}

/** @param {Order} order */
function cancelButton(order) {
  return doing('Cancel', '', order, async () => {
    const key = newKey();
    const after = await confirmDialog({
      title: 'Cancel the order?',
      body: `${title(order)} will not be set aside for you any more, and the page to pay it closes.`,
      action: 'Cancel the order', cancel: 'Keep it', danger: true,
      run: () => api.post(`orders/${order.id}/cancel`, undefined, { idempotencyKey: key }),
    });
    if (after) toast('The order is cancelled. Nothing was paid.');
    changed('orders', 'payments');
  });
}

/** @param {string} text @param {string} kind @param {Order} order @param {() => Promise<void>} work */
function doing(text, kind, order, work) {
  const button = el('button', { class: `button small ${kind}`, type: 'button', 'aria-label': `${text}: ${title(order)}` }, text);
  button.addEventListener('click', () => busy(button, async () => {
    try {
      await work();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), 'bad');
      changed('orders'); // Perhaps it is not any more what was shown.
    }
  }));
  return button;
}

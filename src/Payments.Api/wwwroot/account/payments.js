// @ts-check
import { goOnWith, goTo } from '../assets/checkouts.js';
import { el } from '../assets/dom.js';
import { money, when } from '../assets/format.js';
import { busy } from '../assets/frame.js';
import { pagedTable } from '../assets/table.js';
import { failure, showPayment } from './receipt.js';
import { badge, moment, paymentStatus } from './words.js';

/** @typedef {import('./receipt.js').Payment} Payment */

/** Every payment and what became of it. @returns {import('./account.js').Section} */
export function payments() {
  const { node, reload } = pagedTable({
    path: 'payments/history',
    caption: 'Your payments, newest first',
    empty: 'You have not bought anything yet.',
    columns: [
      { title: 'For', header: true, cell: (/** @type {Payment} */ payment) => payment.description },
      { title: 'When', cell: payment => moment(payment.completedAt ?? payment.createdAt) },
      { title: 'Status', cell: status },
      { title: 'Amount', numeric: true, cell: amount },
      { title: 'Actions', cell: actions },
    ],
  });
  return { node: el('div', { class: 'card' }, node), topics: ['payments'], reload };
}

/** @param {Payment} payment */
function status(payment) {
  return el('div', { class: 'stack tight' },
    el('span', badge(paymentStatus, payment.status)),
    payment.failure && el('span', { class: 'small muted' }, failure(payment.failure)),
    payment.openPage && el('span', { class: 'small muted' }, `Can be paid until ${when(payment.openPage.expiresAt)}`));
}

/** @param {Payment} payment */
function amount({ amount, refunded }) {
  return el('div', { class: 'stack tight' },
    el('span', money(amount)),
    refunded.amount > 0 && el('span', { class: 'small muted' }, `${money(refunded)} went back`));
}

/** @param {Payment} payment */
function actions(payment) {
  return el('div', { class: 'actions' },
    payment.openPage && goOnPaying(payment, 'Continue'),
    detailsButton(payment.id, payment.description, payment.completedAt !== null));
}

/** @param {string} id @param {string} description @param {boolean} isPaid */
export function detailsButton(id, description, isPaid) {
  const text = isPaid ? 'Receipt' : 'Details';
  return el('button', { class: 'button quiet small', type: 'button', 'aria-label': `${text}: ${description}`, on: { click: () => showPayment(id) } }, text);
}

/** @param {Payment} payment @param {string} [text] */
export function goOnPaying({ description, sessionId, openPage }, text = 'Continue paying') {
  const button = el('button', { class: 'button primary small', type: 'button', 'aria-label': `${text}: ${description}` }, text);
  button.addEventListener('click', () => busy(button, () => openPage && sessionId ? goOnWith({ title: description, request: null, sessionId, url: openPage.url }) : goTo(openPage?.url ?? null)));
  return button;
}

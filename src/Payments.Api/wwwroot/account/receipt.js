// @ts-check
import { api } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { showDialog } from '../assets/dialog.js';
import { money, when } from '../assets/format.js';
import { problem } from '../assets/frame.js';
import { session } from '../assets/session.js';
import { skeleton } from '../assets/table.js';
import { showInvoice } from './invoice.js';
import { badge, paymentStatus, refundStatus } from './words.js';

/**
 * One payment with all that came of it, as something to print or to keep.
 *
 * @typedef {object} Payment
 * @property {string} id
 * @property {string} kind
 * @property {string} status
 * @property {import('../assets/format.js').Money} amount
 * @property {import('../assets/format.js').Money} refunded
 * @property {string | null} sessionId
 * @property {string} description
 * @property {{ code: string, message: string | null } | null} failure
 * @property {{ url: string, expiresAt: string } | null} openPage
 * @property {string} createdAt
 * @property {string | null} completedAt
 *
 * @typedef {{ id: string, amount: import('../assets/format.js').Money, status: string, createdAt: string }} Refund
 */

/** @param {string} id */
export async function showPayment(id) {
  const body = el('div', { class: 'stack', 'aria-busy': 'true' }, skeleton(4));
  const print = el('button', { class: 'button', type: 'button', hidden: true, on: { click: () => window.print() } }, 'Print or save');
  const invoice = el('button', { class: 'button', type: 'button', hidden: true }, 'Invoice');
  const dialog = showDialog({ title: 'Payment', body, actions: [invoice, print] });
  try {
    /** @type {[Payment, { items: Refund[] }]} */
    const [payment, refunds] = await Promise.all([api.get(`payments/${id}`), api.get(`payments/${id}/refunds`)]);
    replace(/** @type {Element} */ (dialog.querySelector('h2')), payment.completedAt ? 'Receipt' : 'Payment');
    replace(body, receipt(payment, refunds.items));
    print.hidden = !payment.completedAt;
    if (payment.kind === 'subscription') await offerInvoice(invoice, payment);
  } catch (error) {
    replace(body);
    problem(body, error);
  } finally {
    body.removeAttribute('aria-busy');
  }
}

/** @param {Payment} payment @param {Refund[]} refunds */
function receipt(payment, refunds) {
  const { amount, refunded } = payment;
  return [
    el('dl', { class: 'facts' },
      el('dt', 'For'), el('dd', payment.description),
      el('dt', payment.completedAt ? 'Paid by' : 'Buyer'), el('dd', session.name, session.claims?.email && session.claims.email !== session.name ? ` (${session.claims.email})` : ''),
      el('dt', 'Status'), el('dd', badge(paymentStatus, payment.status)),
      payment.failure && [el('dt', 'Why'), el('dd', failure(payment.failure))],
      payment.completedAt ? [el('dt', 'Paid'), el('dd', when(payment.completedAt))] : [el('dt', 'Begun'), el('dd', when(payment.createdAt))],
      el('dt', 'Amount'), el('dd', el('strong', money(amount))),
      refunded.amount > 0 && [el('dt', 'After refunds'), el('dd', el('strong', money({ ...amount, amount: amount.amount - refunded.amount })))],
      el('dt', 'Number'), el('dd', { class: 'mono' }, payment.id)),
    refunds.length > 0 && [
      el('h3', 'Refunds'),
      el('ul', { class: 'plain' }, refunds.map(refund =>
        el('li', { class: 'spread' }, el('span', when(refund.createdAt)), el('span', { class: 'row' }, badge(refundStatus, refund.status), money(refund.amount))))),
    ],
  ];
}

/** @param {{ code: string, message: string | null }} failure */
export const failure = ({ message }) => message ?? 'Your bank declined it, without saying why.';

/** The invoices are fewer than the payments; this one is most often among the newest. @param {HTMLElement} button @param {Payment} payment */
async function offerInvoice(button, payment) {
  for await (const invoices of api.pages('invoices?limit=100')) {
    const found = invoices.find((/** @type {{ paymentId: string | null }} */ invoice) => invoice.paymentId === payment.id);
    if (!found) continue;
    button.hidden = false;
    button.addEventListener('click', () => {
      button.closest('dialog')?.close();
      showInvoice(found);
    });
    return;
  }
}

// @ts-check
import { api } from '../assets/api.js';
import { goTo } from '../assets/checkouts.js';
import { el } from '../assets/dom.js';
import { showDialog } from '../assets/dialog.js';
import { day, money } from '../assets/format.js';
import { busy, toast } from '../assets/frame.js';
import { table } from '../assets/table.js';
import { badge, invoiceStatus, period } from './words.js';

/**
 * @typedef {import('../assets/format.js').Money} Money
 *
 * @typedef {object} InvoiceLine
 * @property {string} description
 * @property {Money} amount
 * @property {number} quantity
 * @property {boolean} proration
 * @property {string} periodStart
 * @property {string} periodEnd
 *
 * @typedef {object} Invoice
 * @property {string} id
 * @property {string | null} number
 * @property {string} status
 * @property {Money} subtotal
 * @property {Money} discount
 * @property {Money} tax
 * @property {Money} total
 * @property {Money} amountDue
 * @property {Money} amountPaid
 * @property {string | null} periodStart
 * @property {string | null} periodEnd
 * @property {string | null} subscriptionId
 * @property {string | null} paymentId
 * @property {InvoiceLine[]} lines
 * @property {{ name: string | null, percentage: number | null, amount: Money }[]} taxes
 * @property {{ kind: string, value: string | null }[]} taxIds
 * @property {string | null} hostedUrl
 * @property {string | null} pdfUrl
 * @property {string} createdAt
 * @property {string | null} paidAt
 */

/** @param {Invoice} invoice */
export function showInvoice(invoice) {
  showDialog({
    title: `Invoice ${invoice.number ?? ''}`,
    body: [
      el('div', { class: 'row' }, badge(invoiceStatus, invoice.status), el('span', { class: 'muted' }, `Issued ${day(invoice.createdAt)}${invoice.paidAt ? `, paid ${day(invoice.paidAt)}` : ''}`)),
      linesTable(invoice.lines),
      sums(invoice),
    ],
    actions: [canBePaid(invoice) && payButton(invoice), invoice.pdfUrl && pdfButton(invoice)],
  });
}

/** @param {InvoiceLine[]} lines */
export const linesTable = lines => table({
  caption: 'Lines',
  rows: lines,
  columns: [
    { title: 'For', header: true, cell: line => el('div', { class: 'stack tight' }, el('span', line.description), el('span', { class: 'small muted' }, period(line.periodStart, line.periodEnd))) },
    { title: 'Amount', numeric: true, cell: line => money(line.amount) },
  ],
});

/** @param {Invoice} invoice */
function sums({ subtotal, discount, taxes, total, amountDue, amountPaid, taxIds }) {
  const balance = total.amount - amountDue.amount;
  return el('dl', { class: 'facts sums' },
    discount.amount > 0 && [el('dt', 'Discount'), el('dd', `−${money(discount)}`)],
    (discount.amount > 0 || taxes.length > 0) && [el('dt', 'Before tax'), el('dd', money({ ...subtotal, amount: subtotal.amount - discount.amount }))],
    taxes.map(tax => [el('dt', `${tax.name ?? 'Tax'}${tax.percentage === null ? '' : ` ${tax.percentage} %`}`), el('dd', money(tax.amount))]),
    el('dt', 'Total'), el('dd', el('strong', money(total))),
    balance !== 0 && [el('dt', balance > 0 ? 'From your balance' : 'To your balance'), el('dd', money({ ...total, amount: Math.abs(balance) }))],
    amountDue.amount > amountPaid.amount && [el('dt', 'To be paid'), el('dd', el('strong', money({ ...amountDue, amount: amountDue.amount - amountPaid.amount })))],
    taxIds.map(taxId => [el('dt', 'Your tax number'), el('dd', taxId.value)]));
}

/** @param {Invoice} invoice */
export const canBePaid = invoice => (invoice.status === 'open' || invoice.status === 'uncollectible') && invoice.amountDue.amount > invoice.amountPaid.amount && invoice.hostedUrl !== null;

/** @param {Invoice} invoice @param {string} [text] @param {string} [kind] */
export function payButton(invoice, text = 'Pay now', kind = '') {
  const button = el('button', { class: `button primary ${kind}`, type: 'button', 'aria-label': `${text}: invoice ${invoice.number ?? ''}` }, text);
  button.addEventListener('click', () => follow(button, invoice, 'hostedUrl', goTo));
  return button;
}

/** @param {Invoice} invoice */
export function pdfButton(invoice) {
  const button = el('button', { class: 'button quiet small', type: 'button', 'aria-label': `PDF: invoice ${invoice.number ?? ''}` }, 'PDF');
  button.addEventListener('click', () => follow(button, invoice, 'pdfUrl', async url => {
    // The provider serves it as a file to keep, so the page stays. The address carries no token of ours.
    const link = el('a', { href: url, rel: 'noreferrer' });
    if (/^https?:$/.test(link.protocol)) link.click();
  }));
  return button;
}

/**
 * The links in a list may have ended since; those of an invoice that is asked for alone work.
 * @param {HTMLElement} button
 * @param {Invoice} invoice
 * @param {'hostedUrl' | 'pdfUrl'} which
 * @param {(url: string) => Promise<void>} go
 */
const follow = (button, invoice, which, go) => busy(button, async () => {
  try {
    const url = (await api.get(`invoices/${invoice.id}`))[which];
    if (url) await go(url);
    else toast('There is no file for this invoice yet; try again in a moment.', 'bad');
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), 'bad');
  }
});

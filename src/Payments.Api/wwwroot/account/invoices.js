// @ts-check
import { el } from '../assets/dom.js';
import { day, money } from '../assets/format.js';
import { pagedTable } from '../assets/table.js';
import { canBePaid, payButton, pdfButton, showInvoice } from './invoice.js';
import { badge, invoiceStatus, period } from './words.js';

/** @typedef {import('./invoice.js').Invoice} Invoice */

/** What a subscription was billed. @returns {import('./account.js').Section} */
export function invoices() {
  const { node, reload } = pagedTable({
    path: 'invoices',
    caption: 'Your invoices, newest first',
    empty: 'Invoices come with a subscription. What you buy once has a receipt, under Payments.',
    columns: [
      { title: 'Number', header: true, cell: (/** @type {Invoice} */ invoice) => el('div', { class: 'stack tight' }, el('span', invoice.number ?? '–'), el('span', { class: 'muted small nowrap' }, `Issued ${day(invoice.createdAt)}`)) },
      { title: 'For', cell: invoice => invoice.periodStart && invoice.periodEnd ? period(invoice.periodStart, invoice.periodEnd) : invoice.lines[0]?.description ?? '–' },
      { title: 'Status', cell: invoice => badge(invoiceStatus, invoice.status) },
      { title: 'Total', numeric: true, cell: invoice => money(invoice.total) },
      {
        title: 'Actions',
        cell: invoice => el('div', { class: 'actions' },
          canBePaid(invoice) && payButton(invoice, 'Pay', 'small'),
          invoice.pdfUrl && pdfButton(invoice),
          el('button', { class: 'button quiet small', type: 'button', 'aria-label': `Details: invoice ${invoice.number ?? ''}`, on: { click: () => showInvoice(invoice) } }, 'Details')),
      },
    ],
  });
  return { node: el('div', { class: 'card' }, node), topics: ['invoices'], reload };
}

// @ts-check
import { api, withQuery } from '../assets/api.js';
import { el, freshId } from '../assets/dom.js';
import { busy, problem, toast } from '../assets/frame.js';
import { midnight } from './filters.js';
import { field } from './forms.js';
import { head } from './parts.js';
import { may } from './roles.js';

/** The books as tables for a spreadsheet. Each export stands in the audit log. */

/** @type {[string, string, string][]} */
const books = [
  ['payments', 'Payments', 'Opened in that time, paid or not.'],
  ['refunds', 'Refunds', 'Asked for in that time.'],
  ['credits', 'Credits', 'Every line of the credit ledger.'],
  ['invoices', 'Invoices', 'Issued in that time.'],
];

/** @type {import('./admin.js').View} */
export function view() {
  if (!may.exportBooks) return el('div', { class: 'stack' }, head('Exports'), el('p', { class: 'notice info' }, 'Exports are for finance and admins.'));
  const form = el('form', { class: 'filter-row', novalidate: true, 'aria-label': 'Time' },
    field({ name: 'from', label: 'From', type: 'date' }),
    field({ name: 'until', label: 'To and with', type: 'date' }));
  form.addEventListener('submit', event => event.preventDefault());
  return el('div', { class: 'stack loose' },
    head('Exports'),
    el('p', { class: 'lead' }, 'CSV in UTF-8, amounts in minor units and as decimals, times in UTC. Without days, all there is.'),
    form,
    el('div', { class: 'grid' }, books.map(book => part(book, form))));
}

/** @param {[string, string, string]} book @param {HTMLFormElement} form */
function part([name, title, text], form) {
  const id = freshId('book');
  const button = el('button', { class: 'button', type: 'button', 'aria-describedby': id }, `Download ${name}.csv`);
  const node = el('section', { class: 'card', 'aria-labelledby': id }, el('h2', { id }, title), el('p', { class: 'muted' }, text), el('div', button));
  button.addEventListener('click', () => busy(button, async () => {
    problem(node, null);
    const values = new FormData(form);
    const [first, last] = ['from', 'until'].map(name => String(values.get(name) ?? ''));
    try {
      await api.download(withQuery(`admin/exports/${name}.csv`, { from: midnight(first, 0), until: midnight(last, 1) }), [name, first, last].filter(Boolean).join('_') + '.csv');
      toast(`${title} exported.`);
    } catch (error) {
      problem(node, error);
    }
  }));
  return node;
}

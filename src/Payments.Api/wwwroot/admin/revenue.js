// @ts-check
import { api, withQuery } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { exponent, money } from '../assets/format.js';
import { table } from '../assets/table.js';
import { barChart, rowChart } from './chart.js';
import { filterForm } from './filters.js';
import { now } from './now.js';
import { card, head, region, tile, words } from './parts.js';
import { byPeriod, byProduct, countsOf, currencies, periodName, productOf, sums, timeOf } from './revenue-books.js';
import { subscriptionsPart } from './subscription-figures.js';
import { to } from './router.js';

/** What came in, what went back, what is left: by day or month, product and currency. And how subscriptions move. */

/** @typedef {import('./revenue-books.js').Sums} Sums @typedef {import('./revenue-books.js').Line} Line @typedef {import('./revenue-books.js').Unit} Unit */

const mostProducts = 8;

/** @type {import('./filters.js').Field[]} */
const fields = [
  { name: 'by', label: 'By', type: 'select', any: 'Day', options: ['month'] },
  { name: 'from', label: 'From', type: 'date' },
  { name: 'until', label: 'To and with', type: 'date' },
];

/** @type {import('./admin.js').View} */
export function view({ query, signal }) {
  const unit = query.get('by') === 'month' ? 'month' : 'day';
  return el('div', { class: 'stack loose' },
    head('Revenue'),
    el('p', { class: 'lead' }, 'As the books have it, in UTC: what was paid after discount and with tax, what was asked back, and what disputes took.'),
    filterForm('revenue', fields, query),
    el('div', { class: 'stack loose', dataset: { results: '' } },
      region(async () => {
        const { from, until } = timeOf(unit, await now(), query.get('from'), query.get('until'));
        const { lines } = await api.get(withQuery('admin/analytics/revenue', { by: unit, from: from.toISOString(), until: until.toISOString() }), { signal });
        return books(lines, unit, from, until, query);
      }, { lines: 8, class: 'stack loose' }).node,
      region(async () => subscriptionsPart(await api.get('admin/analytics/subscriptions?months=12', { signal })), { class: 'stack loose' }).node));
}

/** @param {Line[]} lines @param {Unit} unit @param {Date} from @param {Date} until @param {URLSearchParams} query */
function books(lines, unit, from, until, query) {
  const all = currencies(lines);
  if (all.length === 0) return el('p', { class: 'empty' }, 'Nothing was paid in that time.');

  const currency = all.includes(query.get('currency') ?? '') ? /** @type {string} */ (query.get('currency')) : all[0];
  const its = lines.filter(line => line.gross.currency === currency);
  const total = sums('', its);
  const show = (/** @type {number} */ amount) => money({ amount, currency });
  return [
    all.length > 1 && el('nav', { class: 'tabs', 'aria-label': 'Currency' }, all.map(code =>
      el('a', { href: to('revenue', { ...Object.fromEntries(query), currency: code }), 'aria-current': code === currency ? 'true' : null }, code.toUpperCase()))),
    el('dl', { class: 'tiles' },
      tile('Net', show(total.net), countsOf(total)), tile('Gross', show(total.gross)), tile('Refunded', show(total.refunded)), tile('Lost to disputes', show(total.lost))),
    periods(byPeriod(its, unit, from, until), unit, currency, show),
    products(byProduct(its), show),
    el('details', { class: 'card' }, el('summary', 'All figures'), figures(its, unit, show)),
  ];
}

/** @param {Sums[]} all @param {Unit} unit @param {string} currency @param {(amount: number) => string} show */
function periods(all, unit, currency, show) {
  const short = new Intl.NumberFormat(undefined, { style: 'currency', currency: currency.toUpperCase(), notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 1 });
  return card(`By ${unit}`,
    barChart({
      title: `Gross, what went back, and net by ${unit}`,
      periods: all.map(one => one.name),
      series: [
        { name: 'Gross', mark: 'gross', values: all.map(one => one.gross) },
        { name: 'Went back', mark: 'back', values: all.map(one => -one.refunded - one.lost) },
      ],
      points: { name: 'Net', mark: 'net', values: all.map(one => one.payments + one.refunds > 0 || one.net !== 0 ? one.net : null) },
      format: show,
      tick: minor => short.format(minor / 10 ** exponent(currency)),
    }),
    behind(table({
      caption: `Revenue by ${unit}`,
      rows: all,
      columns: [{ title: words(unit), header: true, cell: one => one.name }, ...sumColumns(show)],
    })));
}

/** @param {Sums[]} all @param {(amount: number) => string} show */
const products = (all, show) => card('By product',
  rowChart({ title: 'Net by product', rows: all.slice(0, mostProducts).map(one => ({ name: one.name, value: one.net, text: show(one.net) })) }),
  behind(table({
    caption: 'Revenue by product',
    rows: all,
    columns: [{ title: 'Product', header: true, cell: one => one.name }, ...sumColumns(show)],
  })));

/** @param {(amount: number) => string} show @returns {import('../assets/table.js').Column<Sums>[]} */
const sumColumns = show => [
  { title: 'Gross', numeric: true, cell: one => show(one.gross) },
  { title: 'Refunded', numeric: true, cell: one => show(one.refunded) },
  { title: 'Lost', numeric: true, cell: one => show(one.lost) },
  { title: 'Net', numeric: true, cell: one => show(one.net) },
  { title: 'Payments', numeric: true, cell: one => one.payments },
  { title: 'Refunds', numeric: true, cell: one => one.refunds },
];

/** @param {Line[]} lines @param {Unit} unit @param {(amount: number) => string} show */
const figures = (lines, unit, show) => table({
  caption: 'Revenue by period and product',
  rows: lines,
  columns: [
    { title: words(unit), header: true, cell: line => periodName(line.period, unit) },
    { title: 'Product', cell: line => productOf(line) },
    { title: 'Kind', cell: line => words(line.kind) },
    { title: 'Gross', numeric: true, cell: line => show(line.gross.amount) },
    { title: 'Refunded', numeric: true, cell: line => show(line.refunded.amount) },
    { title: 'Lost', numeric: true, cell: line => show(line.lost.amount) },
    { title: 'Net', numeric: true, cell: line => show(line.net.amount) },
    { title: 'Payments', numeric: true, cell: line => line.payments },
    { title: 'Refunds', numeric: true, cell: line => line.refunds },
  ],
});

/** @param {HTMLElement} its */
const behind = its => el('details', el('summary', 'As a table'), its);

// @ts-check
import { el } from '../assets/dom.js';
import { money } from '../assets/format.js';
import { pagedTable } from '../assets/table.js';
import { listOf } from './filters.js';
import { at, copyable, head, paymentLink, region, statusBadge, words } from './parts.js';
import { now } from './now.js';
import { to } from './router.js';

/** What buyers' banks want back, and until when an answer is taken. */

/** @typedef {{ id: string, paymentId: string, status: string, amount: import('../assets/format.js').Money, fee: import('../assets/format.js').Money, reason: string, gatewayId: string, evidenceDueBy: string | null, createdAt: string, closedAt: string | null }} Dispute */

/** @type {[string, string, boolean | null][]} the page's word, its name, the API's `open` */
const tabs = [['open', 'Open', true], ['decided', 'Decided', false], ['all', 'All', null]];

/** @type {import('./admin.js').View} */
export function view({ query }) {
  const [current, , open] = tabs.find(([name]) => name === query.get('show')) ?? tabs[0];
  const list = region(async () => {
    const time = await now();
    return pagedTable({
      path: listOf('admin/disputes', { open }), caption: 'Disputes', columns: columns(time),
      empty: current === 'open' ? 'No dispute is open.' : 'There is none.',
    }).node;
  }, { class: 'card flush' });
  return el('div', { class: 'stack loose' },
    head('Disputes'),
    el('nav', { class: 'tabs', 'aria-label': 'Which disputes' }, tabs.map(([name, title]) =>
      el('a', { href: to('disputes', { show: name }), 'aria-current': name === current ? 'true' : null }, title))),
    current === 'open' && el('p', { class: 'lead' }, 'They are answered in Stripe’s Dashboard, by the id shown here. What was granted rests until they are decided.'),
    el('div', { dataset: { results: '' } }, list.node));
}

/** @param {Date} time @returns {import('../assets/table.js').Column<Dispute>[]} */
const columns = time => [
  { title: 'Payment', header: true, cell: dispute => paymentLink(dispute.paymentId, [money(dispute.amount), el('span', { class: 'visually-hidden' }, ` of ${dispute.paymentId}`)]) },
  { title: 'Status', cell: dispute => statusBadge(dispute.status) },
  { title: 'Evidence until', cell: dispute => dispute.closedAt ? '–' : due(dispute.evidenceDueBy, time) },
  { title: 'Reason', cell: dispute => words(dispute.reason) },
  { title: 'Fee', numeric: true, cell: dispute => money(dispute.fee) },
  { title: 'Opened', cell: dispute => el('span', at(dispute.createdAt), dispute.closedAt && [el('br'), el('span', { class: 'muted small' }, 'closed ', at(dispute.closedAt))]) },
  { title: 'Stripe’s id', cell: dispute => copyable(dispute.gatewayId) },
];

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const hour = 3_600_000;

/** When it is due, and how soon that is. @param {string | null} moment @param {Date} time */
export function due(moment, time) {
  if (!moment) return '–';
  const hours = (Date.parse(moment) - time.valueOf()) / hour;
  const text = hours < 0 ? 'over' : hours < 48 ? relative.format(Math.round(hours), 'hour') : relative.format(Math.floor(hours / 24), 'day');
  return el('span', { class: 'row' }, at(moment), el('span', { class: `badge ${hours < 0 || hours < 72 ? 'bad' : 'warn'}` }, text));
}

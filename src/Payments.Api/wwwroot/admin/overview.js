// @ts-check
import { api, withQuery } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { count, day, money, plural } from '../assets/format.js';
import { pagedTable } from '../assets/table.js';
import { now } from './now.js';
import { head, region, section, tile } from './parts.js';
import { columns } from './payments.js';
import { currencies, sums, timeOf } from './revenue-books.js';
import { to } from './router.js';

/** How things stand, and what waits for somebody. */

const most = 100; // of a list's first page; more than that is "many"

/** @type {import('./admin.js').View} */
export const view = ({ signal }) => el('div', { class: 'stack loose' },
  head('Overview'),
  section('Waiting for somebody', region(() => waiting(signal), { lines: 2 }).node),
  section('The last 30 days', region(() => money30(signal), { lines: 2 }).node),
  el('div', { dataset: { results: '' } }, section('Latest payments', el('div', { class: 'card flush' }, pagedTable({ path: 'admin/payments?limit=10', caption: 'Latest payments', columns, empty: 'Nobody has bought anything yet.' }).node))));

/** @param {AbortSignal} signal */
async function waiting(signal) {
  const [disputes, dead, parked, stuck] = await Promise.all([
    api.page(`admin/disputes?open=true&limit=${most}`, null, { signal }),
    api.page(`admin/webhook-events?status=dead&limit=${most}`, null, { signal }),
    api.page(`admin/webhook-events?status=parked&limit=${most}`, null, { signal }),
    api.page(`admin/payments?needsAttention=true&limit=${most}`, null, { signal }),
  ]);
  const next = disputes.items.map(dispute => dispute.evidenceDueBy).filter(Boolean).sort()[0];
  return el('ul', { class: 'tiles' },
    task('Open disputes', many(disputes), to('disputes'), next && `Evidence due by ${day(next)}`),
    task('Dead letters', many(dead), to('dead-letters'), dead.items.length > 0 && 'Look why, then replay'),
    task('Parked events', many(parked), to('events', { status: 'parked' })),
    task('Payments to decide on', many(stuck), to('payments', { needsAttention: 'true' })));
}

/** @param {{ items: unknown[], nextCursor: string | null }} page */
const many = ({ items, nextCursor }) => ({ n: items.length, text: nextCursor ? `${count(items.length)}+` : count(items.length) });

/** @param {string} name @param {{ n: number, text: string }} how @param {string} address @param {import('../assets/dom.js').Child} [more] */
const task = (name, { n, text }, address, more) => el('li', el('a', { class: `tile task ${n > 0 ? 'due' : ''}`, href: address },
  el('span', name), el('span', { class: 'big' }, text), el('span', { class: 'muted small' }, more || (n === 0 ? 'Nothing to do' : 'Have a look'))));

/** @param {AbortSignal} signal */
async function money30(signal) {
  const { from, until } = timeOf('day', await now(), null, null);
  const [{ lines }, subscriptions] = await Promise.all([
    api.get(withQuery('admin/analytics/revenue', { by: 'month', from: from.toISOString(), until: until.toISOString() }), { signal }),
    api.get('admin/analytics/subscriptions?months=1', { signal }),
  ]);
  const totals = currencies(lines).map(currency => ({ currency, ...sums('', lines.filter((/** @type {any} */ line) => line.gross.currency === currency)) }));
  return [
    el('dl', { class: 'tiles' },
      totals.length === 0 && tile('Net', '–', 'Nothing was paid'),
      totals.slice(0, 3).map(total => tile(`Net, ${total.currency.toUpperCase()}`, money({ amount: total.net, currency: total.currency }),
        `${money({ amount: total.gross, currency: total.currency })} gross, ${plural(total.payments, 'payment')}`)),
      tile('Monthly recurring', subscriptions.recurring.length > 0 ? subscriptions.recurring.map(money).join(' + ') : '–', `${plural(subscriptions.active, 'active subscription')}`)),
    el('p', el('a', { href: to('revenue') }, 'More about revenue')),
  ];
}

// @ts-check
import { el } from '../assets/dom.js';
import { pagedTable } from '../assets/table.js';
import { filterForm, listOf, span, spanOf } from './filters.js';
import { at, eventLink, head, paymentLink, statusBadge } from './parts.js';
import { replayMany } from './replay.js';
import { may } from './roles.js';
import { here } from './router.js';

/** What the provider told, and what became of it. Dead letters are the same list, of those that failed at every try. */

/** @typedef {{ id: string, type: string, status: string, attempts: number, lastError: string | null, objectId: string | null, relatedId: string | null, paymentId: string | null, receivedAt: string, nextAttemptAt: string | null }} StoredEvent */

const statuses = ['pending', 'processed', 'unhandled', 'foreign', 'mismatched', 'parked', 'dead'];
const types = [
  'checkout.session.completed', 'checkout.session.expired', 'checkout.session.async_payment_succeeded', 'checkout.session.async_payment_failed',
  'payment_intent.succeeded', 'payment_intent.payment_failed', 'charge.succeeded', 'charge.refunded', 'refund.created', 'refund.updated', 'refund.failed',
  'charge.dispute.created', 'charge.dispute.closed', 'customer.subscription.created', 'customer.subscription.updated', 'customer.subscription.deleted',
  'invoice.paid', 'invoice.payment_failed', 'invoice.payment_action_required', 'payment_method.attached', 'setup_intent.succeeded',
];

/** @type {import('./admin.js').View} */
export function view({ query }) {
  const dead = here().path[0] === 'dead-letters';
  const page = dead ? 'dead-letters' : 'events';
  const filter = {
    status: dead ? 'dead' : query.get('status'), type: query.get('type'), objectId: query.get('objectId'), paymentId: query.get('paymentId'), ...spanOf(query),
  };
  const list = pagedTable({
    path: listOf('admin/webhook-events', filter), caption: dead ? 'Dead letters' : 'Webhook events', columns: dead ? deadColumns : columns,
    empty: dead ? 'Nothing failed for good. That is how it should be.' : query.size > 0 ? 'No event is like that.' : 'No event has come yet.',
  });
  return el('div', { class: 'stack loose' },
    head(dead ? 'Dead letters' : 'Webhook events', may.administer && replayButton(filter, list.reload)),
    dead && el('p', { class: 'lead' }, 'Events that failed at every try. Put right what stood in their way, then replay them: whatever they do, they do once.'),
    filterForm(page, fields(dead), query),
    el('div', { class: 'card flush', dataset: { results: '' } }, list.node));
}

/** @param {boolean} dead @returns {import('./filters.js').Field[]} */
const fields = dead => [
  ...(dead ? [] : [/** @type {import('./filters.js').Field} */ ({ name: 'status', label: 'Status', type: 'select', options: statuses })]),
  { name: 'type', label: 'Type', suggestions: types },
  { name: 'objectId', label: 'Object', hint: 'Stripe’s id of it, or of its payment intent.' },
  { name: 'paymentId', label: 'Our payment’s id', more: true },
  ...span,
];

/** @param {Record<string, string | null>} filter @param {() => Promise<void>} reload */
function replayButton(filter, reload) {
  const isNarrow = Object.values(filter).some(Boolean);
  const button = el('button', { class: 'button', type: 'button', 'aria-disabled': isNarrow ? null : 'true', title: isNarrow ? null : 'Filter first: never everything at once' }, 'Replay all of these…');
  button.addEventListener('click', () => isNarrow && void replayMany(filter, reload));
  return button;
}

/** @type {Record<string, import('../assets/table.js').Column<StoredEvent>>} */
const column = {
  event: { title: 'Event', header: true, cell: event => el('span', eventLink(event.id, event.type), el('br'), el('code', { class: 'muted' }, event.id)) },
  status: { title: 'Status', cell: event => el('span', { class: 'row' }, statusBadge(event.status), event.attempts > 1 && el('span', { class: 'muted small' }, `${event.attempts} tries`)) },
  object: { title: 'About', cell: event => event.paymentId ? paymentLink(event.paymentId, 'Payment') : event.objectId && el('code', event.objectId) },
  error: { title: 'Why', cell: event => event.lastError && el('span', { class: 'small wraps' }, event.lastError) },
  received: { title: 'Received', cell: event => at(event.receivedAt) },
};
const columns = [column.event, column.status, column.object, column.error, column.received];
const deadColumns = [column.event, column.error, column.object, column.received];

// @ts-check
import { el } from '../assets/dom.js';
import { pagedTable } from '../assets/table.js';
import { filterForm, listOf, span, spanOf } from './filters.js';
import { at, head, paymentLink, personLink } from './parts.js';

/** What staff did, and what they were refused: who, what, before, after, why. */

/** @typedef {{ id: string, at: string, actorId: string, actorEmail: string | null, address: string | null, action: string, subject: string, before: unknown, after: unknown, reason: string | null }} AuditRow */

const actions = [
  'refund.', 'refund.issue', 'refund.refused', 'payment.', 'call.refused', 'webhook_event.replay', 'user.erase', 'export.',
  'credit_pack.', 'plan.', 'plan.sync', 'item.', 'product.',
];

/** @type {import('./filters.js').Field[]} */
const fields = [
  { name: 'action', label: 'What', hint: 'With a dot at its end, all of a kind: refund.', suggestions: actions },
  { name: 'subject', label: 'On what', hint: 'The id of it.' },
  { name: 'actorId', label: 'Who', hint: 'By user id.' },
  ...span.map(field => ({ ...field, more: false })),
];

/** @type {import('./admin.js').View} */
export const view = ({ query }) => el('div', { class: 'stack loose' },
  head('Audit log'),
  filterForm('audit', fields, query),
  el('div', { class: 'card flush', dataset: { results: '' } }, pagedTable({
    path: listOf('admin/audit-log', { action: query.get('action'), subject: query.get('subject'), actorId: query.get('actorId'), ...spanOf(query) }),
    caption: 'Audit log', columns, empty: query.size > 0 ? 'Nothing is like that.' : 'Staff has done nothing yet.',
  }).node));

/** @type {import('../assets/table.js').Column<AuditRow>[]} */
const columns = [
  { title: 'When', cell: row => at(row.at) },
  { title: 'Who', cell: row => el('span', personLink(row.actorId, row.actorEmail), row.address && [el('br'), el('span', { class: 'muted small' }, row.address)]) },
  { title: 'What', header: true, cell: row => el('code', row.action) },
  { title: 'On what', cell: row => linked(row) },
  { title: 'Why', cell: row => row.reason && el('span', { class: 'wraps' }, row.reason) },
  { title: 'Change', cell: row => change(row) },
];

/** @param {AuditRow} row */
function linked({ action, subject }) {
  if (/^(refund|payment)\./.test(action)) return paymentLink(subject);
  return action.startsWith('user.') ? personLink(subject) : el('code', { class: 'wraps' }, subject);
}

/** @param {AuditRow} row */
const change = ({ before, after }) => before || after ? el('details',
  el('summary', 'Show'),
  !!before && [el('p', { class: 'muted small' }, 'Before'), el('pre', JSON.stringify(before, null, 2))],
  !!after && [el('p', { class: 'muted small' }, 'After'), el('pre', JSON.stringify(after, null, 2))]) : null;

// @ts-check
import { ApiProblem } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { money, parseMoney } from '../assets/format.js';
import { problem } from '../assets/frame.js';
import { pagedTable } from '../assets/table.js';
import { filterForm, listOf, span, spanOf } from './filters.js';
import { at, head, isReference, paymentLink, personLink, statusBadge, words } from './parts.js';

/** Looking for payments: by whose they are, whatever somebody quotes, how they stand, kind, amount and time. */

/**
 * @typedef {object} FoundPayment
 * @property {string} id
 * @property {string} userId
 * @property {string | null} [email]
 * @property {string} kind
 * @property {string} status
 * @property {import('../assets/format.js').Money} amount
 * @property {import('../assets/format.js').Money} refunded
 * @property {string} description
 * @property {{ code: string, message: string | null } | null} failure
 * @property {string} createdAt
 * @property {boolean} [awaitsDecision]
 */

const statuses = ['pending', 'requiresAction', 'processing', 'succeeded', 'failed', 'canceled', 'expired', 'partiallyRefunded', 'refunded', 'disputed', 'lost'];
export const paymentKinds = ['creditPack', 'creditAmount', 'subscription', 'item', 'order'];

/** @type {import('./filters.js').Field[]} */
const fields = [
  { name: 'q', label: 'Whose, or which', hint: 'An email or how it begins, an invoice’s number, or any id of ours or Stripe’s.' },
  { name: 'status', label: 'Status', type: 'select', options: statuses },
  { name: 'kind', label: 'Kind', type: 'select', options: paymentKinds },
  { name: 'currency', label: 'Currency', hint: 'Like usd.', more: true },
  { name: 'least', label: 'Amount from', hint: 'In that currency, like 9.99.', more: true },
  { name: 'most', label: 'Amount to', more: true },
  ...span,
  { name: 'awaitsDecision', label: 'Paid another amount than agreed, undecided', type: 'check', more: true },
  { name: 'needsAttention', label: 'Wants somebody: such an amount, or money that does not go back by itself', type: 'check', more: true },
];

/** @type {import('./admin.js').View} */
export function view({ query }) {
  const form = filterForm('payments', fields, query);
  const page = el('div', { class: 'stack loose' }, head('Payments'), form);
  try {
    const path = listOf('admin/payments', { ...whose(query.get('q') ?? ''), ...amounts(query), ...spanOf(query),
      status: query.get('status'), kind: query.get('kind'), awaitsDecision: query.get('awaitsDecision'), needsAttention: query.get('needsAttention') });
    page.append(el('div', { class: 'card flush', dataset: { results: '' } }, pagedTable({
      path, caption: 'Payments', columns, empty: query.size > 0 ? 'No payment is like that.' : 'Nobody has bought anything yet.',
    }).node));
  } catch (error) {
    problem(form, error);
  }

  return page;
}

/** @type {import('../assets/table.js').Column<FoundPayment>[]} */
export const columns = [
  { title: 'Payment', header: true, cell: payment => el('span', paymentLink(payment.id, payment.description || words(payment.kind)), el('br'), el('span', { class: 'muted small' }, words(payment.kind))) },
  {
    title: 'Amount', numeric: true,
    cell: ({ amount, refunded }) => el('span', money(amount), refunded.amount > 0 && [el('br'), el('span', { class: 'muted small' }, `${money(refunded)} back`)]),
  },
  {
    title: 'Status',
    cell: ({ status, failure, awaitsDecision }) => el('span', { class: 'row' }, statusBadge(status), awaitsDecision && el('span', { class: 'badge warn' }, 'Undecided'),
      status === 'failed' && failure && el('span', { class: 'muted small' }, failure.code)),
  },
  { title: 'Buyer', cell: ({ userId, email }) => personLink(userId, email) },
  { title: 'Opened', cell: ({ createdAt }) => at(createdAt) },
];

/** @param {string} text */
function whose(text) {
  if (text === '') return {};
  return isReference(text) ? { reference: text } : { email: text };
}

/** @param {URLSearchParams} query @throws {ApiProblem} as the API would, at the fields of this form */
function amounts(query) {
  const currency = (query.get('currency') ?? '').toLowerCase();
  const bound = (/** @type {string} */ name) => {
    const text = query.get(name);
    if (!text) return null;
    if (!/^[a-z]{3}$/.test(currency)) throw refusal('currency', 'Say in which currency, by its three letters.');
    return parseMoney(text, currency) ?? reject(name, `Write an amount like ${money({ amount: 1999, currency })}, without the sign.`);
  };
  return { currency, minAmount: bound('least'), maxAmount: bound('most') };
}

/** @param {string} field @param {string} text */
const refusal = (field, text) => new ApiProblem({ status: 400, detail: text, errors: { [field]: [text] } });

/** @param {string} field @param {string} text @returns {never} */
function reject(field, text) {
  throw refusal(field, text);
}

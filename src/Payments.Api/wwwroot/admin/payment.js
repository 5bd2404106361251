// @ts-check
import { api } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { count, day, money } from '../assets/format.js';
import { table } from '../assets/table.js';
import { at, card, copyable, facts, headBelow, outside, personLink, region, section, statusBadge, words } from './parts.js';
import { decide } from './mismatch.js';
import { refundDialog } from './refund.js';
import { may } from './roles.js';
import { to } from './router.js';
import { policies } from './payment-terms.js';
import { paymentTimeline } from './payment-timeline.js';

/**
 * One payment with all that is known of it.
 * @typedef {import('../assets/format.js').Money} Money
 * @typedef {Record<string, any>} Payment as `GET admin/payments/{id}` has it
 */

/** @type {import('./admin.js').View} */
export function view({ path: [id] }) {
  const page = region(async () => {
    const payment = await api.get(`admin/payments/${encodeURIComponent(id)}`);
    const buyer = await api.get(`admin/users/${payment.userId}`);
    return draw(payment, buyer, page.reload);
  }, { lines: 8, class: 'stack loose' });
  // The heading is there from the beginning: it is where reading goes on.
  return el('div', { class: 'stack loose' },
    headBelow('payments', 'Payments', 'Payment'), page.node);
}

/** @param {Payment} payment @param {Record<string, any>} buyer @param {() => Promise<void>} reload */
function draw(payment, buyer, reload) {
  return [
    el('div', { class: 'card summary' },
      el('div', { class: 'spread' },
        el('div', { class: 'stack tight' },
          el('p', { class: 'big' }, money(payment.amount), ' ', statusBadge(payment.status)),
          el('p', payment.description, ' ', el('span', { class: 'muted' }, 'for ', personLink(payment.userId, buyer.email ?? 'a person who was erased')))),
        el('div', { class: 'row' }, refundButton(payment, reload))),
      notices(payment, reload)),
    el('div', { class: 'split' },
      el('div', { class: 'stack loose' },
        ordered(payment), refunds(payment), disputes(payment), attempts(payment),
        section('What happened', paymentTimeline(payment), el('p', el('a', { href: to('events', { paymentId: payment.id }) }, 'All its webhook events')))),
      el('div', { class: 'stack' }, details(payment), links(payment), person(buyer))),
  ];
}

/** @param {Payment} payment @param {() => Promise<void>} reload */
function refundButton(payment, reload) {
  const possible = payment.completedAt && payment.refundable.amount > 0 && !['disputed', 'lost'].includes(payment.status);
  return may.refund && possible && el('button', {
    class: 'button', type: 'button', on: { click: async () => { if (await refundDialog(payment)) await reload(); } },
  }, 'Refund…');
}

/** What somebody should know or do. @param {Payment} payment @param {() => Promise<void>} reload */
function notices(payment, reload) {
  const open = payment.disputes.filter((/** @type {Payment} */ dispute) => !dispute.closedAt);
  return [
    payment.failure && el('p', { class: 'notice bad' }, `Failed: ${payment.failure.message ?? words(payment.failure.code)} (${payment.failure.code})`),
    payment.undelivered && el('p', { class: 'notice warn' }, `It was paid and bought nothing (${words(payment.undelivered).toLowerCase()}): all of it goes back by itself.`),
    payment.mismatch && !payment.mismatch.decision && decide(payment, reload),
    payment.mismatch?.decision && el('p', { class: 'notice' }, `${money(payment.mismatch.taken)} came in instead of what was agreed: ${payment.mismatch.decision}.`),
    open.map((/** @type {Payment} */ dispute) => el('p', { class: 'notice warn' },
      `Disputed: ${words(dispute.reason)}. `, dispute.evidenceDueBy ? `Stripe takes evidence until ${day(dispute.evidenceDueBy)}.` : 'No evidence is due.')),
  ];
}

/** @param {Payment} payment */
const ordered = ({ links: { order } }) => order && section('Ordered', el('div', { class: 'card flush' }, table({
  caption: 'What was ordered',
  rows: /** @type {Record<string, any>[]} */ (order.lines),
  columns: [
    { title: 'Product', header: true, cell: line => el('a', { href: to(['catalog', 'products'], { id: line.productId }) }, line.name) },
    { title: 'Pieces', numeric: true, cell: line => count(line.quantity) },
    { title: 'Came back', numeric: true, cell: line => line.restocked > 0 ? count(line.restocked) : null },
    { title: 'Price of one', numeric: true, cell: line => money(line.price) },
  ],
})));

/** @param {Payment} payment */
const refunds = ({ refunds: all }) => all.length > 0 && section('Refunds', el('div', { class: 'card flush' }, table({
  caption: 'Refunds',
  rows: all,
  columns: [
    { title: 'Amount', header: true, numeric: true, cell: refund => money(refund.amount) },
    { title: 'Status', cell: refund => el('span', { class: 'row' }, statusBadge(refund.status), refund.failureReason && el('span', { class: 'muted small' }, refund.failureReason)) },
    { title: 'Why', cell: refund => el('span', words(refund.reason), refund.note && [el('br'), el('span', { class: 'muted small' }, refund.note)]) },
    { title: 'By', cell: refund => refund.requestedBy ? el('span', personLink(refund.requestedBy), ' ', el('span', { class: 'muted small' }, words(refund.origin))) : words(refund.origin) },
    { title: 'Asked for', cell: refund => at(refund.createdAt) },
  ],
})));

/** @param {Payment} payment */
const disputes = ({ disputes: all }) => all.length > 0 && section('Disputes', el('div', { class: 'card flush' }, table({
  caption: 'Disputes',
  rows: all,
  columns: [
    { title: 'Amount', header: true, numeric: true, cell: dispute => money(dispute.amount) },
    { title: 'Status', cell: dispute => statusBadge(dispute.status) },
    { title: 'Reason', cell: dispute => words(dispute.reason) },
    { title: 'Fee', numeric: true, cell: dispute => money(dispute.fee) },
    { title: 'Evidence until', cell: dispute => at(dispute.evidenceDueBy) },
    { title: 'Stripe’s id', cell: dispute => copyable(dispute.gatewayId) },
  ],
})));

/** @param {Payment} payment */
const attempts = ({ attempts: all }) => all.length > 0 && section('Attempts', el('div', { class: 'card flush' }, table({
  caption: 'Attempts to pay',
  rows: all,
  columns: [
    { title: 'When', header: true, cell: attempt => at(attempt.at) },
    { title: 'Outcome', cell: attempt => el('span', { class: 'row' }, statusBadge(attempt.outcome), attempt.failureCode && el('code', attempt.failureCode)) },
    { title: 'With', cell: attempt => attempt.cardLast4 ? `${words(attempt.cardBrand ?? 'card')} ···· ${attempt.cardLast4}` : words(attempt.methodType ?? 'unknown') },
    { title: 'Amount', numeric: true, cell: attempt => money(attempt.amount) },
  ],
})));

/** @param {Payment} payment */
const details = payment => card('Details', facts([
  ['Kind', words(payment.kind)],
  ['Opened', at(payment.createdAt)],
  ['Paid', payment.completedAt && at(payment.completedAt)],
  ['Refunded', payment.refunded.amount > 0 && money(payment.refunded)],
  ['In dispute', payment.disputed.amount > 0 && money(payment.disputed)],
  ['Lost to disputes', payment.lost.amount > 0 && money(payment.lost)],
  ['Can be refunded', payment.completedAt && money(payment.refundable)],
  ['Credits', payment.credits > 0 && count(payment.credits)],
  ['Refunded when spent', payment.credits > 0 && words(`they ${policies[payment.refundPolicy]}`)],
]), facts([
  ['Our id', copyable(payment.id)],
  ['Session', copyable(payment.sessionId)],
  ['Payment intent', copyable(payment.intentId)],
  ['Charge', copyable(payment.chargeId)],
], 'long'));

/** @param {Payment} payment */
function links({ links: its }) {
  const rows = /** @type {[string, import('../assets/dom.js').Child][]} */ ([
    ['Credit pack', its.creditPackId && el('a', { href: to(['catalog', 'credit-packs'], { id: its.creditPackId }) }, 'In the catalog')],
    ['Plan', its.planId && el('a', { href: to(['catalog', 'plans'], { id: its.planId }) }, 'In the catalog')],
    ['Item', its.itemId && el('a', { href: to(['catalog', 'items'], { id: its.itemId }) }, 'In the catalog')],
    ['Its payments', its.subscriptionGatewayId && el('a', { href: to('payments', { q: its.subscriptionGatewayId }) }, 'All of this subscription')],
    ['Invoice', its.invoiceNumber && (outside(its.invoiceUrl, its.invoiceNumber) ?? its.invoiceNumber)],
  ]);
  const ids = /** @type {[string, import('../assets/dom.js').Child][]} */ ([
    ['Order', copyable(its.order?.id)], ['Subscription', copyable(its.subscriptionGatewayId)], ['Stripe’s invoice', copyable(its.invoiceGatewayId)],
  ]);
  return [...rows, ...ids].some(([, value]) => value) && card('Belongs to', facts(rows), facts(ids, 'long'));
}

/** @param {Record<string, any>} buyer */
const person = buyer => card('Buyer', facts([
  ['Email', personLink(buyer.id, buyer.email ?? 'erased')],
  ['Name', buyer.name],
  ['Credits', count(buyer.credits)],
  ['Held', buyer.held > 0 && count(buyer.held)],
  ['Debt', buyer.debt > 0 && el('span', { class: 'badge warn' }, count(buyer.debt))],
  ['Subscription', buyer.subscriptionType && `${words(buyer.subscriptionType)}, until ${day(buyer.subscriptionExpires)}`],
]), facts([['Id', copyable(buyer.id)]], 'long'), el('p', el('a', { href: to('payments', { q: buyer.id }) }, 'All payments')));

// @ts-check
import { el } from '../assets/dom.js';
import { money } from '../assets/format.js';
import { at, eventLink, statusBadge, words } from './parts.js';

/** @typedef {{ at: string, mark: string, text: import('../assets/dom.js').Child, more?: import('../assets/dom.js').Child }} Entry */

/** All that happened to a payment in one list, newest first. @param {Record<string, any>} payment */
export function paymentTimeline(payment) {
  const entries = [
    entry(payment.createdAt, 'payment', 'Opened'),
    payment.completedAt && entry(payment.completedAt, 'payment good', ['Paid ', money(payment.amount)]),
    ...payment.attempts.filter((/** @type {any} */ attempt) => attempt.outcome !== 'succeeded').map((/** @type {any} */ attempt) =>
      entry(attempt.at, `payment ${attempt.outcome === 'failed' ? 'bad' : ''}`, [`Attempt ${words(attempt.outcome).toLowerCase()}`, attempt.cardLast4 && ` with card ···· ${attempt.cardLast4}`], attempt.failureCode)),
    ...payment.refunds.flatMap((/** @type {any} */ refund) => [
      entry(refund.createdAt, 'money', ['Refund of ', money(refund.amount), ' asked for'], [words(refund.reason), refund.note && `: ${refund.note}`]),
      refund.completedAt && entry(refund.completedAt, `money ${refund.status === 'succeeded' ? 'good' : 'bad'}`, ['Refund of ', money(refund.amount), ` ${words(refund.status).toLowerCase()}`], refund.failureReason),
    ]),
    ...payment.disputes.flatMap((/** @type {any} */ dispute) => [
      entry(dispute.createdAt, 'money bad', ['Dispute of ', money(dispute.amount), ' opened'], words(dispute.reason)),
      dispute.closedAt && entry(dispute.closedAt, 'money', ['Dispute closed: ', words(dispute.status).toLowerCase()]),
    ]),
    ...[...payment.links.events].reverse().map((/** @type {any} */ event) =>
      entry(event.createdAt, `event ${event.status === 'dead' ? 'bad' : ''}`, ['Webhook ', eventLink(event.id, event.type)], event.status === 'processed' ? null : [statusBadge(event.status), ' ', event.lastError])),
  ];
  return timeline(entries.filter(Boolean));
}

/** @param {string} moment @param {string} mark @param {import('../assets/dom.js').Child} text @param {import('../assets/dom.js').Child} [more] @returns {Entry} */
const entry = (moment, mark, text, more) => ({ at: moment, mark, text, more });

/** The provider's own times have no parts of a second. @param {string} moment */
const second = moment => Math.floor(Date.parse(moment) / 1000);

/** @param {Entry[]} entries in any order; of those in the same second the later ones come first */
export const timeline = entries => el('ol', { class: 'timeline' }, entries.map((one, index) => ({ one, index }))
  .sort((a, b) => second(b.one.at) - second(a.one.at) || b.index - a.index)
  .map(({ one }) => timelineItem(one)));

/** @param {Entry} entry */
export const timelineItem = ({ at: moment, mark, text, more }) => el('li', { class: `entry ${mark}` },
  el('p', { class: 'spread' }, el('span', text), el('span', { class: 'muted small' }, at(moment))), more && el('p', { class: 'muted small' }, more));

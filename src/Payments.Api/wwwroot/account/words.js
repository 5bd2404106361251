// @ts-check
import { el } from '../assets/dom.js';
import { when } from '../assets/format.js';

/** What the API's words mean to who reads them. A word that is new to this page is shown as it came. */

/** @typedef {'good' | 'warn' | 'bad' | 'info' | ''} Kind */
/** @typedef {Record<string, [text: string, kind: Kind]>} Words */

/** @type {Words} */
export const paymentStatus = {
  pending: ['Not paid yet', 'warn'],
  requiresAction: ['Waits for your bank’s confirmation', 'warn'],
  processing: ['On its way', 'info'],
  succeeded: ['Paid', 'good'],
  failed: ['Failed', 'bad'],
  canceled: ['Cancelled', ''],
  expired: ['Not paid', ''],
  partiallyRefunded: ['Partly refunded', 'info'],
  refunded: ['Refunded', 'info'],
  disputed: ['Disputed', 'warn'],
  lost: ['Taken back by your bank', 'bad'],
};

/** @type {Words} */
export const subscriptionStatus = {
  trialing: ['Free trial', 'info'],
  active: ['Active', 'good'],
  past_due: ['Payment overdue', 'bad'],
  unpaid: ['Unpaid', 'bad'],
  paused: ['Paused', 'warn'],
  canceled: ['Ended', ''],
  incomplete: ['First payment missing', 'warn'],
  incomplete_expired: ['Never paid', ''],
};

/** @type {Words} */
export const invoiceStatus = {
  open: ['To be paid', 'warn'],
  paid: ['Paid', 'good'],
  void: ['Void', ''],
  uncollectible: ['Not collected', 'bad'],
};

/** @type {Words} */
export const orderStatus = {
  PENDING: ['Waits for payment', 'warn'],
  CONFIRMED: ['Confirmed', 'good'],
  CANCELLED: ['Cancelled', ''],
};

/** @type {Words} */
export const refundStatus = {
  requested: ['On its way', 'info'],
  pending: ['On its way', 'info'],
  succeeded: ['Sent back', 'good'],
  failed: ['Could not be sent back', 'bad'],
  canceled: ['Called off', ''],
};

/** @type {Record<string, string>} */
export const resourceType = { course: 'Course', learningPath: 'Learning path', lab: 'Lab' };

/** @type {Record<string, string>} */
export const undelivered = {
  alreadyOwned: 'You had this already, so the money goes back.',
  alreadyPaid: 'The order had been paid already, so the money goes back.',
  orderCancelled: 'The order had been cancelled, so the money goes back.',
};

/** @type {Record<string, string>} */
export const cancelReason = {
  byBuyer: 'by you',
  timeOver: 'not paid in time',
  paymentExpired: 'its payment page closed',
  paymentFailed: 'its payment failed',
};

/** A moment, never broken over lines. @param {string | null | undefined} iso */
export const moment = iso => el('time', { class: 'nowrap', datetime: iso }, when(iso));

const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** `10 Feb – 10 Mar 2027`. @param {string} from @param {string} until */
export const period = (from, until) => days.formatRange(new Date(from), new Date(until));

/** @param {Words} words @param {string} word */
export function badge(words, word) {
  const [text, kind] = words[word] ?? [word, ''];
  return el('span', { class: `badge ${kind}` }, text);
}

// @ts-check
import { day, money, plural } from '../assets/format.js';

/**
 * A subscription in words.
 *
 * @typedef {object} Subscription
 * @property {string} id
 * @property {string | null} planId
 * @property {{ name: string, family: string, price: import('../assets/format.js').Money, interval: string, intervalCount: number, maximumQuantity: number } | null} plan at the price that was agreed
 * @property {string} status the provider's word
 * @property {number} quantity
 * @property {string | null} currentPeriodEnd
 * @property {string | null} trialEnd
 * @property {boolean} cancelAtPeriodEnd
 * @property {string | null} cancelAt
 * @property {string | null} endedAt
 * @property {{ behavior: string, resumesAt: string | null } | null} pause
 */

/** @param {Subscription} subscription */
export const isLive = ({ status }) => !['canceled', 'incomplete_expired'].includes(status);

/** @param {{ interval: string, intervalCount: number }} plan */
export const every = ({ interval, intervalCount }) => intervalCount === 1 ? `a ${interval}` : `every ${intervalCount} ${interval}s`;

/** `3 seats, $36.00 a month`. @param {Subscription} subscription */
export function price({ plan, quantity }) {
  if (!plan) return '';
  const seats = plan.maximumQuantity > 1 ? `${plural(quantity, 'seat')}, ` : '';
  return `${seats}${total(plan, quantity)} ${every(plan)}`;
}

/** @param {{ price: import('../assets/format.js').Money }} plan @param {number} quantity */
const total = (plan, quantity) => money({ ...plan.price, amount: plan.price.amount * quantity });

/** How it stands and what comes next. @param {Subscription} subscription @returns {string} */
export function sentence(subscription) {
  const { status, plan, quantity, currentPeriodEnd, trialEnd, cancelAtPeriodEnd, cancelAt, endedAt, pause } = subscription;
  const end = cancelAt ?? currentPeriodEnd;
  switch (status) {
    case 'trialing':
      if (cancelAtPeriodEnd || cancelAt) return `Free until ${day(cancelAt ?? trialEnd)}, and over then: you will not be charged.`;
      return `Free until ${day(trialEnd)}.${pause ? ` ${paused(pause)}` : plan ? ` From then on it costs ${total(plan, quantity)} ${every(plan)}, unless you cancel before.` : ''}`;
    case 'active':
      if (cancelAtPeriodEnd || cancelAt) return `Ends on ${day(end)}. Until then you keep everything, and you will not be charged again.`;
      if (pause) return paused(pause);
      return `Renews on ${day(currentPeriodEnd)}${plan ? ` for ${total(plan, quantity)}` : ''}.`;
    case 'past_due':
      return 'The last payment failed. It is tried again; pay the open invoice or use another card, or the subscription will end.';
    case 'unpaid':
      return 'The payment failed for good, so what the subscription gives is paused. Pay the open invoice to go on.';
    case 'paused':
      return 'The trial is over and there is no card to charge. Add one to go on.';
    case 'incomplete':
      return 'The first payment has not come through yet.';
    case 'canceled':
      return `Ended${endedAt ? ` on ${day(endedAt)}` : ''}.`;
    default:
      return 'Its first payment never came, so it never began.';
  }
}

/** @param {{ resumesAt: string | null }} pause */
const paused = ({ resumesAt }) => `Nothing is charged ${resumesAt ? `until ${day(resumesAt)}` : 'until you go on'}, and no new credits come meanwhile.`;

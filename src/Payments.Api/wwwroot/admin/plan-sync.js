// @ts-check
import { postOfForm } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { money } from '../assets/format.js';
import { confirmDialog } from '../assets/frame.js';
import { reasonField, reasonOf } from './forms.js';

/** Plans follow the prices at Stripe that were attached to them; what differs is told. */

/** @typedef {{ price: import('../assets/format.js').Money, interval: string, intervalCount: number }} Terms @typedef {{ planId: string, gatewayPriceId: string, ours: Terms, theirs: Terms | null }} Price */

/** @param {HTMLElement} outcome where to tell what came of it @returns {Promise<boolean>} */
export async function syncPlans(outcome) {
  const post = postOfForm();
  const sync = /** @type {Record<string, Price[]> | null} */ (await confirmDialog({
    title: 'Sync plans with Stripe?',
    body: el('div', { class: 'stack' }, el('p', 'Stripe’s prices are read. Plans that name one take its amount and interval from now on; whoever has subscribed keeps what was agreed.'), reasonField({ hint: 'For the audit log.' })),
    action: 'Sync',
    run: form => post('admin/plans/sync', { reason: reasonOf(form) }),
  }));
  if (!sync) return false;
  const parts = [
    part('Followed now', 'good', sync.adopted), part('Not at Stripe', 'bad', sync.missing), part('Switched off at Stripe', 'warn', sync.inactive), part('Different, and cannot be followed', 'bad', sync.different),
  ].filter(Boolean);
  replace(outcome, el('div', { class: 'stack' }, parts.length > 0 ? parts : el('p', { class: 'notice good' }, 'Every plan agrees with Stripe.')));
  return true;
}

/** @param {string} title @param {string} kind @param {Price[]} prices */
const part = (title, kind, prices) => prices.length > 0 && el('div', { class: `notice ${kind}` }, el('p', el('strong', title)),
  el('ul', prices.map(price => el('li', el('code', price.gatewayPriceId), `: ${terms(price.ours)} here`, price.theirs && `, ${terms(price.theirs)} there`))));

/** @param {Terms} its */
const terms = ({ price, interval, intervalCount }) => `${money(price)} every ${intervalCount === 1 ? interval : `${intervalCount} ${interval}s`}`;

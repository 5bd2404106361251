// @ts-check
import { api } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { problem, toast } from '../assets/frame.js';
import { skeleton } from '../assets/table.js';

/** @typedef {{ type: string, email: boolean, canMute: boolean }} Preference */

/** Of what email is sent. What is about money or access always is, and says so. */
export function preferences() {
  const list = el('div', { class: 'stack' }, skeleton(3));
  const node = el('div', { class: 'card' }, el('h3', 'Email'), el('p', { class: 'muted' }, 'You see everything here. Choose what you want by email as well.'), list);
  void load();
  return node;

  async function load() {
    try {
      show((await api.get('notifications/preferences')).items);
    } catch (error) {
      replace(list);
      problem(list, error);
    }
  }

  /** @param {Preference[]} all */
  function show(all) {
    const always = all.filter(preference => !preference.canMute);
    replace(list,
      el('fieldset', { class: 'tight' }, el('legend', { class: 'visually-hidden' }, 'Email that you may choose'), all.filter(preference => preference.canMute).map(choice)),
      always.length > 0 && el('details',
        el('summary', 'Always sent, since it is about your money or access'),
        el('ul', always.map(preference => el('li', name(preference.type))))));
  }

  /** @param {Preference} preference */
  function choice(preference) {
    const input = el('input', { type: 'checkbox', checked: preference.email });
    input.addEventListener('change', async () => {
      const email = input.checked;
      problem(list, null);
      try {
        await api.put('notifications/preferences', { items: [{ type: preference.type, email }] });
        toast(email ? `Email: ${name(preference.type)}.` : `No more email: ${name(preference.type)}.`);
      } catch (error) {
        input.checked = !email;
        problem(list, error);
      }
    });
    return el('label', { class: 'check' }, input, name(preference.type));
  }
}

/** @type {Record<string, string>} */
const names = {
  'payment-succeeded': 'Receipt of a payment',
  'subscription-receipt': 'Receipt of a subscription’s first payment',
  'renewal-receipt': 'Receipt of a renewal',
  'payment-failed': 'A payment failed',
  'payment-twice': 'Something was paid twice, and goes back',
  'payment-after-cancellation': 'A cancelled order was paid, and goes back',
  'payment-after-end': 'An ended subscription was paid, and goes back',
  'invoice-payment-failed': 'A renewal could not be paid',
  'action-required': 'Your bank wants a payment confirmed',
  refund: 'Money goes back to you',
  'refund-failed': 'Money could not be sent back to you',
  'subscription-started': 'A subscription has begun',
  'trial-started': 'A free trial has begun',
  'trial-ending': 'A free trial ends soon',
  'renewal-upcoming': 'A subscription renews soon',
  'grace-ending': 'Access ends soon because a payment is missing',
  'subscription-ended': 'A subscription has ended',
  'subscription-unpaid': 'A subscription is unpaid',
  'subscription-superseded': 'A second subscription was ended and paid back',
  'trial-repeated': 'A second free trial was ended',
  'card-expiring': 'A saved card expires soon',
};

/** @param {string} type */
const name = type => names[type] ?? type.replaceAll('-', ' ');

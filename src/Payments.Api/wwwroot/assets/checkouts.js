// @ts-check
import { api } from './api.js';
import { sessionChanged } from './session.js';

/**
 * The payment page that this tab was last sent to, so that whoever comes back without having paid can go on with it.
 * @typedef {object} Checkout
 * @property {string} title what is bought
 * @property {Record<string, any> | null} request what was asked for; null for a page that was found again
 * @property {string} sessionId
 * @property {string} url
 */

const place = 'payments.checkout';

/**
 * Asks for a payment page, remembers it and goes there. Resolves when the person has come back to this very page, which
 * a browser may have kept as it was.
 * @param {string} title
 * @param {Record<string, any>} request
 * @param {string} idempotencyKey
 */
export async function openCheckout(title, request, idempotencyKey) {
  const { sessionId, url } = await api.post('payments/checkout-session', request, { idempotencyKey });
  if (!url) throw new Error('This has been paid already; your account shows it.');
  await goOnWith({ title, request, sessionId, url });
}

/** Remembers this page and goes there. @param {Checkout} checkout */
export async function goOnWith(checkout) {
  sessionStorage.setItem(place, JSON.stringify(checkout));
  await goTo(checkout.url);
}

/** @param {string | null} url */
export async function goTo(url) {
  // An address from the API; still, nothing but a web address is followed.
  if (!url || !/^https?:$/.test(new URL(url, location.href).protocol)) throw new Error(`${url} is no web address.`);
  location.assign(url);
  await new Promise(resolve => window.addEventListener('pageshow', resolve, { once: true }));
}

/** @returns {Checkout | null} */
export function lastCheckout() {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? 'null');
  } catch {
    return null;
  }
}

// Whoever signs in next has pages of their own.
window.addEventListener(sessionChanged, () => sessionStorage.removeItem(place));

/** It has come to its end. @param {string} sessionId */
export function forgetCheckout(sessionId) {
  if (lastCheckout()?.sessionId === sessionId) sessionStorage.removeItem(place);
}

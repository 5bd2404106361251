// @ts-check
import { ApiProblem, newKey } from '../api.js';
import { openCheckout } from '../checkouts.js';
import { byId, el } from '../dom.js';
import { askToSignIn, busy, problem } from '../frame.js';
import { session } from '../session.js';

/** From a button to the payment page. */

/** Fired on `window` when a refusal says that what is shown is no longer so. */
export const shopOutdated = 'shop:outdated';

/** @type {Map<string, string>} the Idempotency-Key of each purchase whose answer is not known yet: pressed again, it is the same purchase */
const keys = new Map();

/**
 * @param {object} options
 * @param {string} options.text what the button says
 * @param {string} options.title what is bought, for the button's name and for coming back
 * @param {Element} options.card where a refusal is shown
 * @param {() => Record<string, any> | Promise<Record<string, any>>} options.request what to ask the API for
 */
export function buyButton({ text, title, card, request }) {
  const button = el('button', { class: 'button tinted', type: 'button', 'aria-label': `${text}: ${title}` }, text);
  button.addEventListener('click', () => buy({ button, title, card, request }));
  return button;
}

/** @param {{ button: HTMLElement, title: string, card: Element, request: () => Record<string, any> | Promise<Record<string, any>> }} options */
export async function buy({ button, title, card, request }) {
  if (!session.token && !await askToSignIn('You need to be signed in to buy something.')) return;
  await busy(button, async () => {
    problem(card, null);
    problem(promotionForm(), null);
    try {
      const wanted = { ...await request(), ...promotion() };
      await once(JSON.stringify([session.claims?.sub, wanted]), key => openCheckout(title, wanted, key));
    } catch (error) {
      refused(card, error);
    }
  });
}

/**
 * Does `work` under the key of this intention, which is kept until its outcome is known.
 * @template T
 * @param {string} intention
 * @param {(key: string) => Promise<T>} work
 */
export async function once(intention, work) {
  const key = keys.get(intention) ?? newKey();
  keys.set(intention, key);
  try {
    const result = await work(key);
    keys.delete(intention);
    return result;
  } catch (error) {
    if (error instanceof ApiProblem && error.status >= 400 && error.status < 500) keys.delete(intention);
    throw error;
  }
}

/** Refusals that lead somewhere. @type {Record<string, () => import('../dom.js').Child>} */
const ways = {
  'subscription.exists': () => el('a', { href: '/account#subscription' }, 'Change it in your account'),
  'item.owned': () => el('a', { href: '/account#purchases' }, 'See it in your account'),
  'item.being_paid': () => el('a', { href: '/account#payments' }, 'See your payments'),
};

/** @param {Element} card @param {unknown} error */
export function refused(card, error) {
  const refusal = error instanceof ApiProblem ? error : null;
  if (refusal?.errors.promotionCode) {
    const details = /** @type {HTMLDetailsElement} */ (promotionForm().closest('details'));
    details.open = true;
    problem(promotionForm(), refusal);
    return;
  }

  problem(card, refusal?.status === 401 ? new ApiProblem({ ...refusal, detail: 'Your sign-in has ended. Press the button again to sign in and go on.' }) : error);
  const way = refusal && ways[refusal.code]?.();
  if (way) card.querySelector('.problem')?.append(el('p', way));
  if (refusal?.status === 409) window.dispatchEvent(new CustomEvent(shopOutdated));
}

const promotionForm = () => byId('promotion');

/** @returns {{ promotionCode?: string }} */
function promotion() {
  const code = /** @type {HTMLInputElement} */ (byId('promotion-code')).value.trim();
  return code ? { promotionCode: code } : {};
}

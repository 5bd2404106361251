// @ts-check
import { api, newKey } from '../assets/api.js';
import { goTo } from '../assets/checkouts.js';
import { el } from '../assets/dom.js';
import { busy, toast } from '../assets/frame.js';

/**
 * A button to the provider's own pages for cards, subscriptions and invoices, which lead back to where it stands.
 * @param {string} text
 * @param {string} hash the section to come back to
 * @param {string} [kind] how the button looks
 */
export function openPortal(text, hash, kind = '') {
  const button = el('button', { class: `button ${kind}`, type: 'button' }, text);
  button.addEventListener('click', () => busy(button, async () => {
    try {
      const { url } = await api.post('payments/customer-portal', { returnUrl: `${location.origin}/account${hash}` }, { idempotencyKey: newKey() });
      await goTo(url);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), 'bad');
    }
  }));
  return button;
}

// @ts-check
import { el } from './dom.js';

/** Short messages at the edge of the page, read out as they come. */

/** @type {HTMLElement | null} */
let region = null;

/** Made with the page, since only what changes in a region that was there before is read out. */
export function toastRegion() {
  region ??= el('div', { class: 'toasts', role: 'status', 'aria-live': 'polite', 'aria-label': 'Messages' });
  return region;
}

/**
 * @param {string} text
 * @param {'good' | 'bad' | 'info'} [kind] what is bad stays until it is closed
 */
export function toast(text, kind = 'good') {
  const message = el('div', { class: `toast ${kind}` },
    el('span', text),
    el('button', { class: 'close', type: 'button', 'aria-label': 'Close message', on: { click: () => message.remove() } }, '×'));
  toastRegion().append(message);
  if (kind === 'bad') return;

  let timer = setTimeout(() => message.remove(), 6000);
  // Nobody is to lose what they are reading.
  message.addEventListener('pointerenter', () => clearTimeout(timer));
  message.addEventListener('focusin', () => clearTimeout(timer));
  message.addEventListener('pointerleave', () => { timer = setTimeout(() => message.remove(), 2000); });
}

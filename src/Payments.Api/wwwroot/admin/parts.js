// @ts-check
import { el, freshId, replace } from '../assets/dom.js';
import { busy, problem, toast } from '../assets/frame.js';
import { when } from '../assets/format.js';
import { skeleton } from '../assets/table.js';
import { to } from './router.js';

/** What several admin pages are made of. @typedef {import('../assets/dom.js').Child} Child */

/** `partiallyRefunded` → `Partially refunded`. @param {string} name */
export const words = name => {
  const text = name.replaceAll(/[_.]/g, ' ').replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** @type {Record<string, string>} of payments, refunds, disputes, events and subscriptions; the others are neither good nor bad */
const kinds = {
  succeeded: 'good', processed: 'good', won: 'good', active: 'good', given: 'good',
  processing: 'info', pending: 'info', requested: 'info', trialing: 'info', underReview: 'info', warningUnderReview: 'info',
  requiresAction: 'warn', partiallyRefunded: 'warn', needsResponse: 'warn', warningNeedsResponse: 'warn', mismatched: 'warn', parked: 'warn', paused: 'warn',
  failed: 'bad', disputed: 'bad', lost: 'bad', dead: 'bad', revoked: 'bad',
};

/** @param {string} status */
export const statusBadge = status => el('span', { class: `badge ${kinds[status] ?? ''}` }, words(status));

/** @param {string} title @param {...Child} actions */
export const head = (title, ...actions) => el('div', { class: 'spread' }, el('h1', title), actions.length > 0 && el('div', { class: 'row' }, actions));

/** The heading of a page that one comes to from a list. @param {string} list @param {string} name of the list @param {string} title */
export const headBelow = (list, name, title) => el('div', { class: 'stack tight' }, el('nav', { 'aria-label': 'Way back' }, el('a', { class: 'way-back', href: to(list) }, `← ${name}`)), el('h1', title));

/** @param {string} title @param {...Child} children */
export function section(title, ...children) {
  const id = freshId('part');
  return el('section', { 'aria-labelledby': id }, el('h2', { id }, title), children);
}

/** The same on a card. @param {string} title @param {...Child} children */
export function card(title, ...children) {
  const id = freshId('part');
  return el('section', { class: 'card', 'aria-labelledby': id }, el('h2', { id }, title), children);
}

/** Names and what they stand for; those without anything are left out. @param {[string, Child][]} rows @param {string} [kind] `long`: what they stand for is below them */
export const facts = (rows, kind = '') => el('dl', { class: `facts ${kind}` }, rows.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '')
  .map(([name, value]) => [el('dt', name), el('dd', value)]));

/** One figure of several, in a `dl.tiles`. @param {string} name @param {Child} value @param {Child} [more] */
export const tile = (name, value, more) => el('div', { class: 'tile' }, el('dt', name), el('dd', el('span', { class: 'big' }, value), more && el('span', { class: 'muted small' }, more)));

/** A moment in the reader's time, to the second and in UTC for who looks closer. @param {string | null | undefined} iso */
export const at = iso => iso ? el('time', { datetime: iso, title: iso.replace('T', ' ').replace(/(\.\d+)?(Z|\+00:00)$/, ' UTC') }, when(iso)) : '–';

/** An id, which a click takes along. @param {string | null | undefined} text */
export function copyable(text) {
  if (!text) return null;
  return el('button', {
    class: 'copyable', type: 'button', title: 'Copy', 'aria-label': `Copy ${text}`,
    on: {
      click: async () => {
        try {
          await navigator.clipboard.writeText(text);
          toast('Copied.');
        } catch {
          toast('The browser does not let this page copy. Select it by hand.', 'info');
        }
      },
    },
  }, el('code', text));
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param {string} text */
export const isUuid = text => uuid.test(text);

/** Something of Stripe's that belongs to a payment, or the number of an invoice. */
const quoted = /^(cs|pi|ch|py|in|sub|re|pyr|dp|du|cus)_\w+$|^[a-z0-9]+-\d{4,}$/i;

/** What somebody quotes from a receipt or from Stripe, and no email. @param {string} text */
export const isReference = text => isUuid(text) || quoted.test(text);

/** Enough of an id to tell it from others on a page. @param {string} id */
export const short = id => isUuid(id) ? `…${id.slice(-8)}` : id;

/** @param {string} id @param {Child} [text] */
export const paymentLink = (id, text) => el('a', { href: to(['payments', id]) }, text ?? el('code', short(id)));

/** @param {string} id @param {Child} [text] */
export const personLink = (id, text) => el('a', { href: to(['people', id]) }, text ?? el('code', short(id)));

/** @param {string} id @param {Child} [text] */
export const eventLink = (id, text) => el('a', { href: to(['events', id]) }, text ?? el('code', id));

/** Elsewhere; nothing but a web address is followed. @param {string | null | undefined} address @param {string} text */
export const outside = (address, text) => address && /^https?:\/\//i.test(address)
  ? el('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, text, el('span', { class: 'visually-hidden' }, ' (opens in a new tab)'))
  : null;

/**
 * A part of the page that is read: a skeleton, then what `read` gives, or what went wrong with a way to try again.
 * @param {() => Promise<Child>} read
 * @param {{ lines?: number, class?: string }} [options]
 * @returns {{ node: HTMLElement, reload: () => Promise<void> }}
 */
export function region(read, { lines = 4, class: name = 'stack' } = {}) {
  const node = el('div', { class: name, 'aria-busy': 'true' }, skeleton(lines));
  let reading = 0;
  async function reload() {
    const mine = ++reading;
    try {
      const content = await read();
      if (mine !== reading) return;
      const held = node.contains(document.activeElement);
      replace(node, content);
      if (held) atHeading();
    } catch (error) {
      // Whoever has gone elsewhere meanwhile is told nothing of what they did not wait for.
      if (mine !== reading || (error instanceof DOMException && error.name === 'AbortError')) return;
      const again = el('button', { class: 'button', type: 'button', on: { click: () => busy(again, reload) } }, 'Try again');
      replace(node, el('div', again));
      problem(node, error);
    } finally {
      node.removeAttribute('aria-busy');
    }
  }

  void reload();
  return { node, reload };
}

/** What had the focus was drawn anew: whoever is there goes on at the top of the page. */
function atHeading() {
  const heading = /** @type {HTMLElement | null} */ (document.querySelector('main h1'));
  if (!heading || document.activeElement !== document.body) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

// @ts-check
import { api, ApiProblem, newKey } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { busy, confirmDialog, problem, toast } from '../assets/frame.js';
import { skeleton } from '../assets/table.js';
import { changed } from './changes.js';
import { openPortal } from './portal.js';

/**
 * The saved cards. Card numbers never come to this page: a new one is entered on the provider's.
 *
 * @typedef {{ id: string, brand: string, last4: string, expMonth: number, expYear: number, isDefault: boolean }} Card
 */

/** @returns {import('./account.js').Section} */
export function cards() {
  const list = el('div', { class: 'stack' }, skeleton(2));
  const node = el('div', { class: 'card' },
    list,
    el('div', { class: 'row' }, openPortal('Add a card', '#cards', 'primary'), openPortal('Billing portal', '#cards')),
    el('p', { class: 'muted small' }, 'You enter it on Stripe’s own page. Only its brand, last four digits and expiry are kept here.'));

  async function reload() {
    try {
      const { items } = await api.get('payments/methods');
      const held = list.contains(document.activeElement);
      replace(list,
        items.length > 0 && !items.some((/** @type {Card} */ card) => card.isDefault) && el('p', { class: 'notice warn' }, 'None of these is your default card, so a renewal may find no card to charge. Make one the default.'),
        items.length > 0 ? el('ul', { class: 'plain lined' }, items.map((/** @type {Card} */ card) => cardRow(card, list)))
        : el('p', { class: 'empty' }, 'No card is saved. One is when you pay with it for a subscription, or add it here.'));
      if (held) (list.querySelector('button') ?? node.querySelector('button'))?.focus();
    } catch (error) {
      problem(list, error);
    }
  }

  void reload();
  return { node, topics: ['cards', 'subscriptions'], reload };
}

/** @param {Card} card @param {Element} list where a refusal is shown */
function cardRow(card, list) {
  return el('li', { class: 'spread' },
    el('div', { class: 'stack tight' },
      el('span', { class: 'row' }, el('strong', name(card)), card.isDefault && el('span', { class: 'badge info' }, 'Default')),
      el('span', { class: 'muted small' }, `Expires ${String(card.expMonth).padStart(2, '0')}/${card.expYear}`)),
    el('div', { class: 'row' },
      !card.isDefault && action('Make default', card, list, () => makeDefault(card)),
      action('Remove', card, list, () => remove(card))));
}

/** @param {string} text @param {Card} card @param {Element} list @param {() => Promise<boolean>} work answers whether it was done */
function action(text, card, list, work) {
  const button = el('button', { class: 'button small', type: 'button', 'aria-label': `${text}: ${name(card)}` }, text);
  button.addEventListener('click', () => busy(button, async () => {
    problem(list, null);
    try {
      if (await work()) changed('cards');
    } catch (error) {
      problem(list, error);
    }
  }));
  return button;
}

/** @param {Card} card */
async function makeDefault(card) {
  await api.post(`payments/methods/${card.id}/default`, undefined, { idempotencyKey: newKey() });
  toast(`${name(card)} pays from now on.`);
  return true;
}

/** @param {Card} card */
async function remove(card) {
  const done = await confirmDialog({
    title: `Remove ${name(card)}?`, body: 'It is forgotten here and at the payment provider. To use it again, you enter it again.',
    action: 'Remove the card', cancel: 'Keep it', danger: true,
    run: () => forget(card, false),
  });
  if (done !== 'needed') return said(card, done);
  return said(card, await confirmDialog({
    title: 'Your subscription is paid with it',
    body: `${name(card)} is the last card of a running subscription. Without it the next renewal cannot be paid, and the subscription ends soon after. Add another card first if you want to keep the subscription.`,
    action: 'Remove it all the same', cancel: 'Keep it', danger: true,
    run: () => forget(card, true),
  }));
}

/** @param {Card} card @param {boolean} force @returns {Promise<true | 'needed'>} `needed`: it was refused, since a subscription lives on it */
async function forget(card, force) {
  try {
    await api.delete(`payments/methods/${card.id}${force ? '?force=true' : ''}`);
    return true;
  } catch (error) {
    if (!force && error instanceof ApiProblem && error.code === 'payment_method.last_of_subscription') return 'needed';
    throw error;
  }
}

/** @param {Card} card @param {unknown} done */
function said(card, done) {
  if (done) toast(`${name(card)} is removed.`);
  return Boolean(done);
}

/** @type {Record<string, string>} */
const brands = { amex: 'American Express', jcb: 'JCB', unionpay: 'UnionPay', diners: 'Diners Club', eftpos_au: 'eftpos', cartes_bancaires: 'Cartes Bancaires' };

/** @param {Card} card */
const name = ({ brand, last4 }) => `${brands[brand] ?? brand.charAt(0).toUpperCase() + brand.slice(1)} ending in ${last4}`;

// @ts-check
import { api } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { day, plural } from '../assets/format.js';
import { problem } from '../assets/frame.js';
import { skeleton, table } from '../assets/table.js';
import { changePanel } from './change.js';
import { canBePaid, payButton } from './invoice.js';
import { openPortal } from './portal.js';
import { cancelButton, pauseButton, resumeButton } from './subscription-actions.js';
import { badge, subscriptionStatus } from './words.js';
import { isLive, price, sentence } from './subscription.js';

/** @typedef {import('./subscription.js').Subscription} Subscription */

/** What is subscribed, and what can be done about it. @returns {import('./account.js').Section} */
export function subscriptions() {
  const node = el('div', { class: 'stack' }, skeleton(4));

  /** @type {Map<string, { text: string, card: HTMLElement }>} what has not changed is left as it is: somebody may be choosing a plan in it */
  let drawn = new Map();

  async function reload() {
    try {
      const [{ items }, { items: plans }, { items: invoices }] = await Promise.all([api.get('subscriptions/status'), api.get('plans'), api.get('invoices?limit=20')]);
      show(items, plans, invoices);
    } catch (error) {
      if (drawn.size === 0) replace(node);
      problem(node, error);
    }
  }

  /** @param {Subscription[]} all @param {import('./change.js').Plan[]} plans @param {import('./invoice.js').Invoice[]} invoices */
  function show(all, plans, invoices) {
    const before = drawn;
    drawn = new Map(all.filter(isLive).map(subscription => {
      const open = invoices.find(invoice => invoice.subscriptionId === subscription.id && canBePaid(invoice));
      const text = JSON.stringify([subscription, plans, open]);
      const known = before.get(subscription.id);
      return [subscription.id, known?.text === text ? known : { text, card: subscriptionCard(subscription, plans, open) }];
    }));
    const over = all.filter(subscription => !isLive(subscription));
    const cards = [...drawn.values()].map(({ card }) => card);
    const held = [...before].find(([, { card }]) => card.contains(document.activeElement))?.[0];
    for (const child of [...node.children]) if (!cards.includes(/** @type {HTMLElement} */ (child))) child.remove();
    cards.forEach((card, i) => { if (node.children[i] !== card) node.insertBefore(card, node.children[i] ?? null); });
    node.append(...[cards.length === 0 && nothing(), over.length > 0 && ended(over), all.length > 0 && atProvider()].filter(part => part instanceof HTMLElement));
    // What had the focus has changed: whoever is there goes on at the top of it.
    const now = held && drawn.get(held)?.card;
    if (now && !now.contains(document.activeElement)) now.querySelector('h3')?.focus({ preventScroll: true });
  }

  void reload();
  return { node, topics: ['subscriptions', 'invoices'], reload };
}

/** @param {Subscription} subscription @param {import('./change.js').Plan[]} plans @param {import('./invoice.js').Invoice} [open] an invoice of it that is to be paid */
function subscriptionCard(subscription, plans, open) {
  const card = el('div', { class: 'card' });
  const name = subscription.plan?.name ?? 'Subscription';
  const change = changePanel(subscription, plans);
  const ending = subscription.cancelAtPeriodEnd || subscription.cancelAt !== null;
  return /** @type {HTMLElement} */ (replace(card,
    el('div', { class: 'spread' },
      el('div', { class: 'stack tight' },
        el('h3', { tabindex: -1, class: 'plan-name' }, name),
        subscription.plan && el('p', { class: 'muted' }, price(subscription))),
      el('span', { class: 'row' },
        ending && el('span', { class: 'badge warn' }, 'Ending'),
        subscription.pause && el('span', { class: 'badge warn' }, 'Paused'),
        badge(subscriptionStatus, subscription.status))),
    el('p', sentence(subscription)),
    open && el('div', { class: 'notice warn' },
      el('p', `Invoice ${open.number ?? ''} is to be paid.`),
      el('div', { class: 'row' }, payButton(open), portalButton('Use another card'))),
    el('div', { class: 'row' },
      change?.button,
      (ending || subscription.pause) && resumeButton(subscription, card),
      subscription.status === 'incomplete' || subscription.pause || ending ? null : pauseButton(subscription, card),
      cancelButton(subscription, card)),
    change?.panel));
}

/** @param {string} text */
const portalButton = text => openPortal(text, '#subscription');

function atProvider() {
  return el('div', { class: 'spread' }, el('p', { class: 'muted' }, 'Plans, cards and invoices are on Stripe’s own pages too.'), portalButton('Billing portal'));
}

function nothing() {
  return el('div', { class: 'empty stack' },
    el('p', 'You have no subscription.'),
    el('p', el('a', { class: 'button', href: '/#plans' }, 'See the plans')));
}

/** @param {Subscription[]} over */
function ended(over) {
  return el('details', { class: 'card' },
    el('summary', `${plural(over.length, 'earlier subscription')}`),
    table({
      caption: 'Earlier subscriptions',
      rows: over,
      columns: [
        { title: 'Plan', header: true, cell: subscription => subscription.plan?.name ?? 'Subscription' },
        { title: 'Status', cell: subscription => badge(subscriptionStatus, subscription.status) },
        { title: 'Ended', cell: subscription => day(subscription.endedAt) },
      ],
    }));
}

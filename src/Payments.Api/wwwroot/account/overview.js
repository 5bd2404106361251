// @ts-check
import { api } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { money, when } from '../assets/format.js';
import { problem } from '../assets/frame.js';
import { skeleton } from '../assets/table.js';
import { balanceCard } from './credits.js';
import { canBePaid, payButton } from './invoice.js';
import { goOnPaying } from './payments.js';
import { showPayment } from './receipt.js';
import { isLive, price, sentence } from './subscription.js';
import { badge, paymentStatus, subscriptionStatus } from './words.js';

/** @typedef {import('./receipt.js').Payment} Payment */
/** @typedef {import('./invoice.js').Invoice} Invoice */
/** @typedef {import('./subscription.js').Subscription} Subscription */
/** @typedef {import('./notifications.js').Notification} Notification */

/** The most important of each, and first what waits for somebody to do it. @returns {import('./account.js').Section} */
export function overview() {
  const node = el('div', { class: 'stack' }, skeleton(6));
  let shown = '';

  async function reload() {
    try {
      const all = await Promise.all(['users/me/credits?limit=1', 'subscriptions/status', 'payments/history?limit=5', 'invoices?limit=20', 'notifications?limit=3'].map(path => api.get(path)));
      const text = JSON.stringify(all);
      if (text === shown) return;
      shown = text;
      const [balance, subscriptions, payments, invoices, notifications] = all;
      replace(node,
        toDo(payments.items, invoices.items),
        balanceCard(balance),
        el('div', { class: 'overview-grid' },
          subscriptionsCard(subscriptions.items.filter(isLive)),
          newsCard(notifications.items)),
        paymentsCard(payments.items));
    } catch (error) {
      if (!shown) replace(node);
      problem(node, error);
    }
  }

  void reload();
  return { node, topics: ['credits', 'subscriptions', 'payments', 'invoices', 'notifications'], reload };
}

/** @param {Payment[]} payments @param {Invoice[]} invoices */
function toDo(payments, invoices) {
  return [
    ...invoices.filter(canBePaid).map(invoice => el('div', { class: 'notice bad spread' },
      el('p', `Invoice ${invoice.number ?? ''} over ${money({ ...invoice.amountDue, amount: invoice.amountDue.amount - invoice.amountPaid.amount })} is to be paid.`), payButton(invoice))),
    ...payments.filter(payment => payment.openPage).map(payment => el('div', { class: 'notice warn spread' },
      el('p', `${payment.description} is not paid yet. Its page stays open until ${when(payment.openPage?.expiresAt)}.`), goOnPaying(payment))),
  ];
}

/** @param {Subscription[]} live */
function subscriptionsCard(live) {
  return el('div', { class: 'card' },
    el('div', { class: 'spread' }, el('h3', 'Subscription'), el('a', { href: '#subscription' }, live.length > 0 ? 'Manage' : 'More')),
    live.length === 0
      ? el('p', { class: 'muted' }, 'You have none. ', el('a', { href: '/#plans' }, 'See the plans'))
      : live.map(subscription => el('div', { class: 'stack tight' },
        el('div', { class: 'spread' }, el('strong', subscription.plan?.name ?? 'Subscription'), badge(subscriptionStatus, subscription.status)),
        el('p', { class: 'muted small' }, price(subscription)),
        el('p', { class: 'small' }, sentence(subscription)))));
}

/** @param {Notification[]} told */
function newsCard(told) {
  return el('div', { class: 'card' },
    el('div', { class: 'spread' }, el('h3', 'Latest'), el('a', { href: '#notifications' }, 'All notifications')),
    told.length === 0
      ? el('p', { class: 'muted' }, 'Nothing has happened yet.')
      : el('ul', { class: 'plain lined' }, told.map(({ title, createdAt }) => el('li', { class: 'stack tight' }, el('span', title), el('span', { class: 'muted small' }, when(createdAt))))));
}

/** @param {Payment[]} payments */
function paymentsCard(payments) {
  return el('div', { class: 'card' },
    el('div', { class: 'spread' }, el('h3', 'Latest payments'), el('a', { href: '#payments' }, 'All payments')),
    payments.length === 0
      ? el('p', { class: 'muted' }, 'None yet. ', el('a', { href: '/' }, 'To the shop'))
      : el('ul', { class: 'plain lined' }, payments.map(payment => el('li', { class: 'spread' },
        el('span', { class: 'stack tight' },
          el('button', { class: 'link', type: 'button', on: { click: () => showPayment(payment.id) } }, payment.description),
          el('span', { class: 'muted small' }, when(payment.completedAt ?? payment.createdAt))),
        el('span', { class: 'row' }, badge(paymentStatus, payment.status), el('span', { class: 'num' }, money(payment.amount)))))));
}

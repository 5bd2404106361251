// @ts-check
import { api } from '../assets/api.js';
import { toast } from '../assets/frame.js';
import { live } from '../assets/live.js';
import { changed } from './changes.js';

/** What the live stream tells, and what of the page that concerns. @type {Record<string, import('./changes.js').Topic[]>} */
const concerned = {
  credits: ['credits'],
  payment: ['payments', 'invoices', 'purchases', 'orders', 'credits'],
  subscription: ['subscriptions', 'invoices', 'payments', 'cards'],
  notification: ['notifications'],
  resync: ['everything'],
};

/** From now on the page is refreshed as things happen, and what somebody is told is shown to them as it comes. */
export function followLive() {
  live(({ event, data }) => {
    changed(...(concerned[event] ?? []));
    if (event === 'notification') void announce(data.id);
  });
}

/** @param {string} id */
async function announce(id) {
  const { items } = await api.page('notifications?limit=10').catch(() => ({ items: [] }));
  const told = items.find((/** @type {{ id: string, title: string }} */ one) => one.id === id);
  if (told) toast(told.title, 'info');
}

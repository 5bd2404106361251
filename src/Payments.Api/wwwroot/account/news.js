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
    if (event === 'notification') hear(data.id);
  });
}

/** @type {Set<string>} */
let heard = new Set();

/** What comes within a moment is told at once: a refund and what it took back, or a year that was skipped in the sandbox. */
const moment = 400;
const few = 2;

/** @param {string} id */
function hear(id) {
  if (heard.size === 0) setTimeout(announce, moment);
  heard.add(id);
}

async function announce() {
  const ids = heard;
  heard = new Set();
  if (ids.size > few) {
    toast(`You have ${ids.size} new notifications.`, 'info');
    return;
  }

  const { items } = await api.page('notifications?limit=10').catch(() => ({ items: [] }));
  for (const { id, title } of items) if (ids.has(id)) toast(title, 'info');
}

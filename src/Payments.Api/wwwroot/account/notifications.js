// @ts-check
import { el } from '../assets/dom.js';
import { pagedTable } from '../assets/table.js';
import { preferences } from './preferences.js';
import { moment } from './words.js';

/** @typedef {{ id: string, type: string, title: string, text: string, status: string, createdAt: string }} Notification */

/** What somebody was told, and of what they want email. @returns {import('./account.js').Section} */
export function notifications() {
  const list = pagedTable({
    path: 'notifications',
    caption: 'What you were told, newest first',
    empty: 'Nothing yet. Payments, refunds, renewals and trials that end are told here as they happen.',
    columns: [
      { title: 'Message', header: true, cell: message },
      { title: 'When', cell: (/** @type {Notification} */ notification) => moment(notification.createdAt) },
    ],
  });
  const node = el('div', { class: 'stack' }, el('div', { class: 'card messages' }, list.node), preferences());
  return { node, topics: ['notifications'], reload: list.reload };
}

/** @type {Record<string, string>} */
const email = {
  pending: 'An email is on its way.', sending: 'An email is on its way.', sent: 'Sent by email as well.', failed: 'The email could not be sent.',
  undeliverable: 'No email, since there is nowhere to send it.', muted: 'No email, as you wished.',
};

/** @param {Notification} notification */
function message({ title, text, status }) {
  return el('details', { class: 'message' },
    el('summary', title),
    el('div', { class: 'stack' }, el('p', { class: 'lines-kept' }, text.trim()), el('p', { class: 'muted small' }, email[status] ?? status)));
}

// @ts-check
import { api } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { count, money } from '../assets/format.js';
import { busy, problem } from '../assets/frame.js';
import { skeleton } from '../assets/table.js';
import { eventLink, paymentLink, words } from './parts.js';
import { timelineItem } from './payment-timeline.js';

/** All that happened to a person in one list; which kinds of it are shown can be chosen. */

/** @typedef {{ id: string, at: string, kind: string, what: string, subjectId: string, amount: import('../assets/format.js').Money | null, credits: number | null, text: string | null, paymentId: string | null }} Entry */

/** @type {[string, string[] | null][]} */
const choices = [
  ['Everything', null], ['Money', ['payment', 'refund', 'dispute', 'invoice', 'order']], ['Subscriptions', ['subscription']],
  ['Credits', ['credits']], ['Access', ['access']], ['Notices', ['notice']], ['Webhooks', ['webhook']],
];

/** @param {string} userId @param {AbortSignal} signal */
export function personTimeline(userId, signal) {
  const path = `admin/users/${userId}/timeline?limit=50`;
  const list = el('ol', { class: 'timeline', 'aria-busy': 'true' });
  const note = el('p', { class: 'muted', role: 'status' });
  const more = el('button', { class: 'button', type: 'button', hidden: true }, 'Show more');
  /** @type {string | null} */
  let cursor = null;
  /** @type {string[] | null} */
  let kinds = null;

  const showChosen = () => {
    for (const item of list.children) /** @type {HTMLElement} */ (item).hidden = kinds !== null && !kinds.includes(/** @type {HTMLElement} */ (item).dataset.kind ?? '');
    const seen = [...list.children].some(item => !(/** @type {HTMLElement} */ (item).hidden));
    replace(note, seen ? '' : cursor ? 'Nothing of this kind so far; there is more.' : 'Nothing of this kind.');
  };
  const read = async () => {
    try {
      const page = await api.page(path, cursor, { signal });
      cursor = page.nextCursor;
      more.hidden = !cursor;
      list.append(...page.items.map(item));
      showChosen();
    } catch (error) {
      if (signal.aborted) return;
      problem(node, error);
    } finally {
      waiting.remove();
      list.removeAttribute('aria-busy');
    }
  };
  more.addEventListener('click', () => busy(more, read));
  const waiting = skeleton();
  const buttons = choices.map(([title, its]) => {
    const button = el('button', { class: 'chip', type: 'button', 'aria-pressed': its === null ? 'true' : 'false' }, title);
    button.addEventListener('click', () => {
      kinds = its;
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      showChosen();
    });
    return button;
  });
  const node = el('div', { class: 'stack' }, el('div', { class: 'row', role: 'group', 'aria-label': 'Show' }, buttons), waiting, list, note, el('div', more));
  void read();
  return node;
}

/** @param {Entry} entry */
function item(entry) {
  const [, verb = ''] = entry.what.split('.');
  const node = timelineItem({
    at: entry.at,
    mark: `${{ credits: 'credits', access: 'credits', notice: 'event', webhook: 'event', refund: 'money', dispute: 'money' }[entry.kind] ?? 'payment'} ${marks[verb] ?? ''}`,
    text: [
      el('strong', words(entry.kind)), ` ${words(verb).toLowerCase()}`,
      entry.amount && [' ', money(entry.amount)],
      entry.credits !== null && ` ${entry.credits > 0 ? '+' : ''}${count(entry.credits)}`,
    ],
    more: [entry.text, entry.text && ' ', whereTo(entry)],
  });
  node.dataset.kind = entry.kind;
  return node;
}

/** @type {Record<string, string>} */
const marks = { succeeded: 'good', paid: 'good', given: 'good', grant: 'good', sent: 'good', failed: 'bad', lost: 'bad', opened: '', ended: 'bad' };

/** @param {Entry} entry */
const whereTo = ({ kind, subjectId, paymentId }) => kind === 'webhook' ? eventLink(subjectId, 'Event') : paymentId && paymentLink(paymentId, 'Payment');

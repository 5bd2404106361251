// @ts-check
import { api, withQuery } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { count, plural } from '../assets/format.js';
import { pagedTable } from '../assets/table.js';
import { showPayment } from './receipt.js';
import { moment } from './words.js';

/**
 * The balance, and every line of the ledger with what caused it.
 *
 * @typedef {object} Line
 * @property {string} id
 * @property {'grant' | 'spend' | 'hold' | 'capture' | 'release' | 'expire' | 'return' | 'restore'} kind
 * @property {number} amount by how much the spendable balance changed
 * @property {number} balance after it
 * @property {string} reason
 * @property {string} reference
 * @property {string | null} paymentId
 * @property {string} at
 * @property {string} [bought] what was bought with that payment, where the line itself does not say
 */

/** @returns {import('./account.js').Section} */
export function credits() {
  const balance = el('div', { class: 'stack' });
  const ledger = pagedTable({
    path: 'users/me/credits',
    caption: 'What changed your balance, newest first',
    empty: 'Nothing has moved yet. Credits come with packs and plans.',
    columns: [
      { title: 'What', header: true, cell: cause },
      { title: 'When', cell: line => moment(line.at) },
      { title: 'Change', numeric: true, cell: line => change(line.amount) },
      { title: 'Balance', numeric: true, cell: line => count(line.balance) },
    ],
    async read(cursor) {
      const page = await api.get(withQuery('users/me/credits', { cursor }));
      replace(balance, balanceCard(page));
      return { items: await named(page.items), nextCursor: page.nextCursor };
    },
  });
  const node = el('div', { class: 'stack' }, balance, el('div', { class: 'card' }, el('h3', 'Ledger'), ledger.node));
  return { node, topics: ['credits'], reload: ledger.reload };
}

/** @param {{ credits: number, held: number, debt: number }} balance */
export function balanceCard({ credits, held, debt }) {
  return el('div', { class: 'card balance-card' },
    el('div', { class: 'spread' },
      el('p', el('span', { class: 'figure' }, count(credits)), ' ', el('span', { class: 'muted' }, credits === 1 ? 'credit to spend' : 'credits to spend')),
      el('a', { class: 'button primary', href: '/#credits' }, 'Buy credits')),
    held > 0 && el('p', { class: 'notice info' }, `${plural(held, 'credit')} more ${held === 1 ? 'is' : 'are'} held: set aside for work that is under way, or while a payment is disputed. What is not used comes back.`),
    debt > 0 && el('p', { class: 'notice warn' }, `You owe ${plural(debt, 'credit')}: more went back than you had left. The next credits you get pay this first.`));
}

/** @param {Line} line */
function cause(line) {
  const [title, more] = words(line);
  const { paymentId } = line;
  return el('div', { class: 'stack tight' },
    paymentId ? el('button', { class: 'link', type: 'button', on: { click: () => showPayment(paymentId) } }, title) : el('span', title),
    more && el('span', { class: 'muted small' }, more));
}

/** @param {Line} line @returns {[title: string, more?: string]} */
function words({ kind, reason, reference, amount, bought }) {
  switch (kind) {
    case 'grant': return [`${grants[reason] ?? 'Given'}: ${reference}`, amount === 0 ? 'All of it paid what you owed' : undefined];
    case 'spend': return [`Spent: ${reason}`, reference];
    case 'hold': return [`Set aside: ${reason}`, reference];
    case 'capture': return [`Used: ${reason}`, `${reference}, from what was set aside`];
    case 'release': return [`Set free again: ${reason}`, reference];
    case 'expire': return ['Expired', bought];
    case 'return': return [returns[reason] ?? 'Paid what you owed', bought];
    case 'restore': return ['Given back', bought];
    default: return [reason, reference];
  }
}

/** @type {Record<string, string>} */
const grants = { purchase: 'Bought', subscription: 'With your subscription', entitlement: 'Given to you' };

/** @type {Record<string, string>} */
const returns = { refund: 'Taken back for a refund', dispute: 'Taken back or held for a dispute' };

/** @param {number} amount */
const change = amount => el('span', { class: amount > 0 ? 'gain' : '' }, `${amount > 0 ? '+' : amount < 0 ? '−' : ''}${count(Math.abs(amount))}`);

/** @type {Map<string, string>} by payment; it does not change */
const known = new Map();

/**
 * What came from a payment says so itself; what was taken back says by which refund.
 * @param {Line[]} lines
 */
async function named(lines) {
  const say = (/** @type {Line} */ { kind, paymentId }) => kind !== 'grant' && paymentId !== null;
  const unknown = [...new Set(lines.filter(say).map(line => /** @type {string} */ (line.paymentId)))].filter(id => !known.has(id));
  await Promise.all(unknown.map(async id => known.set(id, (await api.get(`payments/${id}`)).description)));
  return lines.map(line => say(line) ? { ...line, bought: known.get(/** @type {string} */ (line.paymentId)) } : line);
}

// @ts-check
import { api } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { count, when } from '../assets/format.js';
import { busy, problem } from '../assets/frame.js';
import { table } from '../assets/table.js';
import { copyable, facts, head, paymentLink, personLink } from './parts.js';

/** The credit ledger proves itself, over all of its rows. */

/** @typedef {{ kind: string, id: string, expected: number, actual: number }} Difference */

/** @type {import('./admin.js').View} */
export function view({ signal }) {
  const button = el('button', { class: 'button primary', type: 'button' }, 'Verify now');
  const outcome = el('div', { class: 'stack', 'aria-live': 'polite' });
  button.addEventListener('click', () => busy(button, async () => {
    try {
      replace(outcome, proof(await api.get('admin/ledger/verification', { signal })));
    } catch (error) {
      if (signal.aborted) return;
      replace(outcome);
      problem(outcome, error);
    }
  }));
  return el('div', { class: 'stack loose' },
    head('Ledger', button),
    el('p', { class: 'lead' }, 'Every credit is posted twice, and traces to what paid for it. This reads all postings in one snapshot: that each entry sums to zero, that every balance, hold and debt is the sum of its postings, and that what was paid was granted, once.'),
    outcome);
}

/** @param {{ ok: boolean, checkedAt: string, users: number, transactions: number, postings: number, sum: number, differences: Difference[] }} result */
const proof = result => [
  el('div', { class: 'card' },
    result.ok
      ? el('p', { class: 'notice good' }, el('strong', 'The ledger balances. '), 'Nothing differs.')
      : el('p', { class: 'notice bad' }, el('strong', 'The ledger does not balance. '), `${count(result.differences.length)} differences are shown below; nothing of it is repaired by itself.`),
    facts([
      ['Verified', when(result.checkedAt)], ['Accounts', count(result.users)], ['Entries', count(result.transactions)], ['Postings', count(result.postings)],
      ['Sum of all postings', el('strong', count(result.sum))],
    ])),
  result.differences.length > 0 && el('div', { class: 'card flush' }, table({
    caption: 'Differences',
    rows: result.differences,
    columns: [
      { title: 'What', header: true, cell: difference => el('code', difference.kind) },
      { title: 'Which', cell: difference => ({ user: personLink, payment: paymentLink, grant: paymentLink, debt: personLink, hold: personLink }[difference.kind.split('.')[0]] ?? copyable)(difference.id) },
      { title: 'Should be', numeric: true, cell: difference => count(difference.expected) },
      { title: 'Is', numeric: true, cell: difference => count(difference.actual) },
    ],
  })),
];

// @ts-check
import { api, ApiProblem, postOfForm } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { count, day } from '../assets/format.js';
import { confirmDialog, toast } from '../assets/frame.js';
import { explainPart } from './explain.js';
import { field, reasonField, reasonOf } from './forms.js';
import { at, card, copyable, facts, headBelow, region, section, words } from './parts.js';
import { personTimeline } from './person-timeline.js';
import { may } from './roles.js';
import { to } from './router.js';

/** One person: who it is, what there is, what happened, and why something may or may not be used. */

/** @type {import('./admin.js').View} */
export function view({ path: [id], signal }) {
  const page = region(async () => draw(await api.get(`admin/users/${encodeURIComponent(id)}`), page.reload, signal), { lines: 8, class: 'stack loose' });
  return el('div', { class: 'stack loose' }, headBelow('people', 'People', 'Person'), page.node);
}

/** @param {import('./people.js').Person} person @param {() => Promise<void>} reload @param {AbortSignal} signal */
const draw = (person, reload, signal) => [
  el('div', { class: 'card summary' },
    el('div', { class: 'spread' },
      el('div', { class: 'stack tight' },
        el('p', { class: 'big' }, person.name ?? person.email ?? 'Erased'),
        el('p', { class: 'muted' }, person.name && person.email)),
      el('div', { class: 'row' },
        el('a', { class: 'button', href: to('payments', { q: person.id }) }, 'Payments'),
        may.administer && (person.email || person.name) && el('button', { class: 'button danger', type: 'button', on: { click: () => void erase(person, reload) } }, 'Erase…')))),
  el('div', { class: 'split' },
    el('div', { class: 'stack loose' }, section('What happened', personTimeline(person.id, signal))),
    el('div', { class: 'stack' },
      card('Account', facts([
        ['Credits', el('strong', count(person.credits))],
        ['Held', person.held > 0 && count(person.held)],
        ['Debt', person.debt > 0 && el('span', { class: 'badge warn' }, count(person.debt))],
        ['Subscription', person.subscriptionType && `${words(person.subscriptionType)}, until ${day(person.subscriptionExpires)}`],
        ['Known since', at(person.createdAt)],
      ]), facts([['Id', copyable(person.id)]], 'long')),
      explainPart(person.id))),
];

/** Cannot be undone, so it asks for more than a click. @param {import('./people.js').Person} person @param {() => Promise<void>} reload */
async function erase(person, reload) {
  const post = postOfForm();
  const word = person.email ?? person.id;
  const done = await confirmDialog({
    title: 'Forget who this is?',
    body: el('div', { class: 'stack' },
      el('p', 'Email and name are erased, here and in stored events and notices, and Stripe is asked to delete its customer. Payments, ledger and invoices stay, without a name. ', el('strong', 'This cannot be undone.')),
      field({ name: 'confirm', label: `Write ${word} to confirm`, spellcheck: 'false', autocapitalize: 'none' }),
      reasonField({ hint: 'For the audit log.' })),
    action: 'Erase for good',
    danger: true,
    run: form => {
      if (String(form.get('confirm')).trim().toLowerCase() !== word.toLowerCase()) {
        throw new ApiProblem({ status: 400, detail: 'That is not what stands there.', errors: { confirm: ['That is not what stands there.'] } });
      }

      return post(`admin/users/${person.id}/erasure`, { reason: reasonOf(form) });
    },
  });
  if (!done) return;
  const erased = /** @type {{ erased: { what: string, count: number }[] }} */ (/** @type {unknown} */ (done)).erased.filter(one => one.count > 0);
  toast(`Erased: ${erased.map(one => `${words(one.what).toLowerCase()} (${count(one.count)})`).join(', ') || 'nothing was left to forget'}.`);
  await reload();
}

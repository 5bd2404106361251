// @ts-check
import { api, ApiProblem, withQuery } from '../assets/api.js';
import { busy, problem } from '../assets/frame.js';
import { el, freshId, replace } from '../assets/dom.js';
import { isReference, isUuid } from './parts.js';
import { may } from './roles.js';
import { go, to } from './router.js';

/** Beside every admin page: one box that finds anything, and where one can go. */

/** @returns {[string, [string, string, boolean?][]][]} headings, each with the pages below it: name, title, whether it is there for the reader */
const rooms = () => [
  ['', [['', 'Overview']]],
  ['Money', [['payments', 'Payments'], ['people', 'People'], ['disputes', 'Disputes'], ['revenue', 'Revenue']]],
  ['Webhooks', [['events', 'Events'], ['dead-letters', 'Dead letters']]],
  ['Manage', [['catalog', 'Catalog'], ['ledger', 'Ledger'], ['exports', 'Exports', may.exportBooks], ['audit', 'Audit log', may.readAudit]]],
];

/** @param {HTMLElement} side @param {string} current */
export function drawSide(side, current) {
  const text = side.querySelector('input')?.value ?? '';
  replace(side,
    finder(text),
    el('nav', { 'aria-label': 'Admin' }, rooms().map(([heading, pages]) => {
      const id = freshId('room');
      return el('div', { class: 'room' },
        heading && el('p', { id, class: 'room-name' }, heading),
        el('ul', { 'aria-labelledby': heading ? id : null }, pages.filter(([, , there]) => there !== false).map(([name, title]) =>
          el('li', el('a', { href: to(name), 'aria-current': name === current ? 'page' : null }, title)))));
    })));
  side.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** @param {string} text */
function finder(text) {
  const id = freshId('find');
  const button = el('button', { class: 'button', type: 'submit', 'aria-label': 'Find' }, 'Find');
  const input = el('input', { id, name: 'q', type: 'search', placeholder: 'Email or id', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', maxlength: 255 });
  input.value = text;
  const form = el('form', { class: 'finder', role: 'search', novalidate: true },
    el('label', { for: id, class: 'visually-hidden' }, 'Find an email, the number of an invoice, or any id of ours or Stripe’s'),
    input,
    button);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const wanted = String(new FormData(form).get('q')).trim();
    if (wanted) void busy(button, () => find(form, wanted));
  });
  return form;
}

/** @param {HTMLFormElement} form @param {string} wanted */
async function find(form, wanted) {
  problem(form, null);
  try {
    const place = await placeOf(wanted);
    form.reset();
    go(place);
  } catch (error) {
    problem(form, error);
  }
}

/** Where that is looked at: an event, a person, the payment that is referred to, or all of them where there are several. @param {string} wanted */
async function placeOf(wanted) {
  if (wanted.startsWith('evt_')) return to(['events', wanted]);
  if (!isReference(wanted)) return to('people', { q: wanted });
  if (isUuid(wanted) && await isPerson(wanted)) return to(['people', wanted]);
  const { items } = await api.get(withQuery('admin/payments', { reference: wanted, limit: 2 }));
  if (items.length === 0) throw new ApiProblem({ status: 404, detail: 'No payment, nor anything that belongs to one, has this id or number.' });
  return items.length === 1 ? to(['payments', items[0].id]) : to('payments', { q: wanted });
}

/** @param {string} id */
async function isPerson(id) {
  try {
    await api.get(`admin/users/${id}`);
    return true;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return false;
    throw error;
  }
}

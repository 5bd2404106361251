// @ts-check
import { api, ApiProblem } from '../assets/api.js';
import { busy, problem } from '../assets/frame.js';
import { el, freshId, replace } from '../assets/dom.js';
import { isUuid } from './parts.js';
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
    el('label', { for: id, class: 'visually-hidden' }, 'Find an email, the id of a payment or a person, or any of Stripe’s'),
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

/** Where that is looked at: an event, a payment or person of ours, somebody's email, or payments by an id of the provider's. @param {string} wanted */
async function placeOf(wanted) {
  if (wanted.startsWith('evt_')) return to(['events', wanted]);
  if (isUuid(wanted)) {
    for (const [path, page] of [['admin/payments/', 'payments'], ['admin/users/', 'people']]) {
      if (await exists(path + wanted)) return to([page, wanted]);
    }

    throw new ApiProblem({ status: 404, detail: 'There is neither a payment nor a person with this id.' });
  }

  return /^[a-z]+_\w+$/i.test(wanted) && !wanted.includes('@') ? to('payments', { q: wanted }) : to('people', { q: wanted });
}

/** @param {string} path */
async function exists(path) {
  try {
    await api.get(path);
    return true;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return false;
    throw error;
  }
}

// @ts-check
import { byId, el, replace } from '../assets/dom.js';
import { askToSignIn, forSignedIn, frame, problem } from '../assets/frame.js';
import { session } from '../assets/session.js';
import { drawSide } from './side.js';
import { here } from './router.js';

/** The admin pages: who may see them, which one it is, and where the focus goes. */

/**
 * @typedef {object} Visit one look at one page
 * @property {string[]} path after the page's own name
 * @property {URLSearchParams} query
 * @property {AbortSignal} signal over when another page is shown
 *
 * @typedef {(visit: Visit) => HTMLElement} View draws at once and fills itself
 */

/** @type {Record<string, () => Promise<{ view: View }>>} each is read when it is needed first */
const views = {
  '': () => import('./overview.js'),
  payments: () => here().path[1] ? import('./payment.js') : import('./payments.js'),
  people: () => here().path[1] ? import('./person.js') : import('./people.js'),
  disputes: () => import('./disputes.js'),
  events: () => here().path[1] ? import('./event.js') : import('./events.js'),
  'dead-letters': () => import('./events.js'),
  revenue: () => import('./revenue.js'),
  ledger: () => import('./ledger.js'),
  catalog: () => import('./catalog.js'),
  exports: () => import('./exports.js'),
  audit: () => import('./audit.js'),
};

const { main } = frame({ page: 'admin' });
const side = byId('side');
let visit = new AbortController();
/** The path that was shown before: whoever only filters stays where they are. @type {string | null} */
let shown = null;

// The skip link's own address is no page.
document.querySelector('.skip')?.addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});
window.addEventListener('hashchange', () => session.token && void draw());
forSignedIn(main, () => {
  shown = null;
  void draw();
}, 'These pages are for support, finance and admins.');
window.addEventListener('payments:session', () => { if (!session.token) side.hidden = true; });

async function draw() {
  visit.abort();
  visit = new AbortController();
  const { signal } = visit;
  side.hidden = !session.isStaff;
  if (!session.isStaff) {
    refuse();
    return;
  }

  const { path: [name = '', ...path], query } = here();
  drawSide(side, name);
  let page;
  try {
    page = (await (views[name] ?? views[''])()).view({ path, query, signal });
  } catch (error) {
    page = el('section', el('h1', 'Admin'));
    problem(page, error);
  }

  if (signal.aborted) return;
  replace(main, page);
  settle(page, [name, ...path].join('/'));
}

/** Where reading goes on: at the heading of another page, at the results of another filter. @param {HTMLElement} page @param {string} path */
function settle(page, path) {
  const heading = page.querySelector('h1');
  const before = shown;
  shown = path;
  document.title = `${heading?.textContent ?? 'Admin'} · Admin · Payments`;
  if (before === null) return;
  const target = /** @type {HTMLElement | null} */ ((before === path && page.querySelector('[data-results]')) || heading);
  if (!target) return;
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
  if (before !== path) window.scrollTo(0, 0);
}

function refuse() {
  shown = null;
  replace(main,
    el('h1', 'Admin'),
    el('section', { class: 'card narrow', 'aria-labelledby': 'refused' },
      el('h2', { id: 'refused' }, 'This part is for staff'),
      el('p', 'You are signed in as ', el('strong', session.name), ', who has none of the roles admin, support or finance. Your own payments are in your account.'),
      el('p', { class: 'row' },
        el('a', { class: 'button primary', href: '/account' }, 'Go to your account'),
        el('button', { class: 'button', type: 'button', on: { click: () => void askToSignIn() } }, 'Sign in as another'))));
}

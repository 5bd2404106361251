// @ts-check
import { api, ApiProblem } from './api.js';
import { busy } from './dialog.js';
import { el, freshId, replace } from './dom.js';
import { problem } from './problem.js';
import { session, sessionChanged, signIn } from './session.js';
import { sandbox } from './site.js';

/** Signing in: in the sandbox as one of its people, elsewhere with a token that the web app around has given. */

/** @typedef {{ name: string, id: string, email: string, roles: string[], token: string }} SandboxUser */

/** The choice of who to be. @returns {HTMLElement} */
export function signInPanel() {
  const people = el('div', { class: 'people', 'aria-busy': 'true' }, sandbox && el('div', { class: 'skeleton' }));
  if (sandbox) void showPeople(people);
  const byToken = tokenForm();
  return el('div', { class: 'stack' },
    sandbox && el('p', { class: 'muted' }, 'This is the sandbox: be whoever you like.'),
    sandbox && people,
    sandbox ? el('details', el('summary', 'Use a token instead'), byToken) : byToken);
}

/**
 * For a page that has nothing to show to who is signed out: keeps its heading and offers to sign in.
 * The page draws itself again at `payments:session`.
 * @param {Element} main
 * @param {string} [why]
 */
export function signInNeeded(main, why = 'Sign in to see this page.') {
  const heading = main.querySelector('h1')?.textContent ?? 'Sign in';
  replace(main, el('h1', heading), el('section', { class: 'card narrow', 'aria-label': 'Sign in' }, el('p', why), signInPanel()));
}

/**
 * Draws the page for who is signed in, and the sign-in for who is not, now and whenever that changes.
 * @param {Element} main
 * @param {() => void} draw
 * @param {string} [why]
 */
export function forSignedIn(main, draw, why) {
  const now = () => session.token ? draw() : signInNeeded(main, why);
  window.addEventListener(sessionChanged, now);
  now();
}

/** @returns {Promise<SandboxUser[]>} */
export async function sandboxUsers() {
  const response = await fetch('/sandbox/users', { headers: { Accept: 'application/json' }, credentials: 'omit' });
  if (!response.ok) throw new Error(`GET /sandbox/users answered ${response.status}.`);
  return await response.json();
}

/** @param {HTMLElement} node */
async function showPeople(node) {
  try {
    const users = await sandboxUsers();
    replace(node, users.map(user => el('button', { class: 'person', type: 'button', on: { click: () => signIn(user.token) } },
      el('strong', user.name), el('span', { class: 'muted' }, user.roles.length > 0 ? user.roles.join(', ') : 'buys things'))));
  } catch {
    replace(node, el('p', { class: 'notice bad', role: 'alert' }, 'The sandbox does not say who there is. Is it still running?'));
  } finally {
    node.removeAttribute('aria-busy');
  }
}

function tokenForm() {
  const id = freshId('token');
  const button = el('button', { class: 'button primary', type: 'submit' }, 'Sign in');
  const input = el('textarea', { id, name: 'token', rows: 3, required: true, spellcheck: 'false', autocomplete: 'off', class: 'mono' });
  const form = el('form', { class: 'stack', novalidate: true },
    el('div', { class: 'field' }, el('label', { for: id }, 'Bearer token'), input,
      el('p', { class: 'hint' }, 'Your app’s JSON Web Token. It stays in this tab.')),
    el('div', button));
  form.addEventListener('submit', event => {
    event.preventDefault();
    void busy(button, () => tryToken(form, input.value));
  });
  return form;
}

/** Asked of the API before it is kept, so that a wrong one is said here and now. @param {HTMLElement} form @param {string} text */
async function tryToken(form, text) {
  const token = text.trim().replace(/^Bearer\s+/i, '');
  problem(form, null);
  try {
    await api.get('users/me', { token });
    signIn(token);
  } catch (error) {
    problem(form, error instanceof ApiProblem && error.status === 401 ? new ApiProblem({ ...error, detail: 'The API does not accept this token.' }) : error);
  }
}

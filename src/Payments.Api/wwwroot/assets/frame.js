// @ts-check
import { el, freshId, replace } from './dom.js';
import { count } from './format.js';
import { live } from './live.js';
import { session, sessionChanged, signOut } from './session.js';
import { signInPanel } from './signin.js';
import { sandbox } from './site.js';
import { toastRegion } from './toast.js';

/** What is around every page. The rest of what pages use comes from here too, so that they need to know one address. */
export { busy, confirmDialog } from './dialog.js';
export { problem } from './problem.js';
export { forSignedIn, signInNeeded } from './signin.js';
export { toast } from './toast.js';

/** @typedef {'shop' | 'account' | 'admin' | 'sandbox' | ''} PageName */

/**
 * Draws the header (into `<header id="top">` when the page has kept the place), the skip link and the toast region
 * around the page's `<main>`.
 * @param {{ page: PageName }} options
 * @returns {{ main: HTMLElement }}
 */
export function frame({ page }) {
  const main = document.querySelector('main') ?? document.body.appendChild(el('main', el('h1', document.title)));
  main.id ||= 'main';
  main.tabIndex = -1;
  const top = document.getElementById('top') ?? el('header', { id: 'top' });
  if (!top.parentElement) main.before(top);
  if (!document.querySelector('.skip')) document.body.prepend(el('a', { class: 'skip', href: `#${main.id}` }, 'Skip to the content'));
  document.body.append(toastRegion());

  const navigation = el('nav', { 'aria-label': 'Main' });
  const who = el('div', { class: 'who' });
  top.classList.add('top');
  replace(top, el('div', { class: 'top-inner' },
    el('a', { class: 'brand', href: '/' }, el('span', { class: 'brand-mark', 'aria-hidden': 'true' }), 'Payments'),
    navigation, who));

  const draw = () => {
    replace(navigation, el('ul', pages().map(([name, address, title]) =>
      el('li', el('a', { href: address, 'aria-current': name === page ? 'page' : null }, title)))));
    replace(who, session.token ? [balance, userMenu()] : signInButton());
  };
  const balance = balanceLink();
  window.addEventListener(sessionChanged, draw);
  draw();
  return { main };
}

/** @returns {[PageName | 'api', string, string][]} */
function pages() {
  return [
    ['shop', '/', 'Shop'],
    ['account', '/account', 'Account'],
    ...(session.isStaff ? [/** @type {[PageName, string, string]} */ (['admin', '/admin', 'Admin'])] : []),
    ...(sandbox ? [/** @type {[PageName, string, string]} */ (['sandbox', '/sandbox', 'Sandbox'])] : []),
  ];
}

/** How many credits there are, kept true by the live stream. */
function balanceLink() {
  const amount = el('strong');
  const unit = el('span', { class: 'balance-unit' });
  const link = el('a', { class: 'balance', href: '/account#credits', hidden: true, 'aria-live': 'polite', 'aria-atomic': 'true' }, amount, ' ', unit);
  live(({ event, data }) => {
    if (event !== 'credits') return;
    link.classList.toggle('changed', !link.hidden); // Not the first time: then nothing has changed.
    link.hidden = false;
    replace(amount, count(data.credits));
    replace(unit, data.credits === 1 ? 'credit' : 'credits');
    for (const animation of link.getAnimations()) { animation.cancel(); animation.play(); }
  });
  window.addEventListener(sessionChanged, () => { link.hidden = true; });
  return link;
}

function userMenu() {
  const id = freshId('menu');
  const roles = session.roles.map(role => el('span', { class: 'badge' }, role));
  return [
    el('button', { class: 'button user', type: 'button', popovertarget: id },
      el('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(session.name)), el('span', { class: 'user-name' }, session.name), el('span', { class: 'visually-hidden' }, ', menu')),
    el('div', { class: 'menu', id, popover: 'auto' },
      el('p', el('strong', session.name), el('br'), el('span', { class: 'muted' }, session.claims?.email)),
      roles.length > 0 && el('p', { class: 'row' }, roles),
      el('button', { class: 'button wide', type: 'button', on: { click: openSignIn } }, 'Sign in as another'),
      el('button', { class: 'button wide', type: 'button', on: { click: signOut } }, 'Sign out')),
  ];
}

const signInButton = () => el('button', { class: 'button primary', type: 'button', on: { click: openSignIn } }, 'Sign in');

/** For a page that asks who is not signed in yet: resolves to whether they are now. @param {string} [why] @returns {Promise<boolean>} */
export function askToSignIn(why) {
  const heading = freshId('dialog');
  const dialog = el('dialog', { class: 'dialog', 'aria-labelledby': heading, tabindex: -1 },
    el('h2', { id: heading }, 'Sign in'),
    why && el('p', why),
    signInPanel(),
    el('div', { class: 'dialog-actions' }, el('button', { class: 'button', type: 'button', on: { click: () => dialog.close() } }, 'Cancel')));
  const before = session.token;
  const done = () => session.token && session.token !== before && dialog.close();
  document.body.append(dialog);
  window.addEventListener(sessionChanged, done);
  dialog.showModal();
  dialog.focus(); // Not on its first control: who there is comes a moment later, and before that.
  return new Promise(resolve => dialog.addEventListener('close', () => {
    window.removeEventListener(sessionChanged, done);
    dialog.remove();
    resolve(session.token !== null && session.token !== before);
  }));
}

const openSignIn = () => void askToSignIn();

/** @param {string} name */
const initials = name => name.split(/[\s@.]+/).filter(Boolean).slice(0, 2).map(part => [...part][0].toUpperCase()).join('');

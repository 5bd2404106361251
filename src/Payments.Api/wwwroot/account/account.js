// @ts-check
import { ApiProblem } from '../assets/api.js';
import { el, replace } from '../assets/dom.js';
import { forSignedIn, frame, problem } from '../assets/frame.js';
import { sessionChanged } from '../assets/session.js';
import { skeleton } from '../assets/table.js';
import { onChanged } from './changes.js';
import { followLive } from './news.js';

/**
 * Everything that somebody has here, one section at a time. The address says which (`/account#payments`), so that back,
 * reload and links from other pages lead where they should. A section is loaded when it is first looked at.
 *
 * @typedef {object} Section
 * @property {HTMLElement} node what stands below its heading
 * @property {import('./changes.js').Topic[]} topics what it shows: when one of these changes, it reads again
 * @property {() => Promise<void>} reload
 *
 * @typedef {{ node: HTMLElement, section: Section | null, stale: boolean, reading: boolean }} Known a section that was looked at
 */

/** @type {{ id: string, title: string, load: () => Promise<Section> }[]} */
const sections = [
  { id: 'overview', title: 'Overview', load: async () => (await import('./overview.js')).overview() },
  { id: 'credits', title: 'Credits', load: async () => (await import('./credits.js')).credits() },
  { id: 'subscription', title: 'Subscription', load: async () => (await import('./subscriptions.js')).subscriptions() },
  { id: 'payments', title: 'Payments', load: async () => (await import('./payments.js')).payments() },
  { id: 'invoices', title: 'Invoices', load: async () => (await import('./invoices.js')).invoices() },
  { id: 'purchases', title: 'Purchases', load: async () => (await import('./purchases.js')).purchases() },
  { id: 'cards', title: 'Cards', load: async () => (await import('./cards.js')).cards() },
  { id: 'notifications', title: 'Notifications', load: async () => (await import('./notifications.js')).notifications() },
];

const { main } = frame({ page: 'account' });

/** @type {{ show: (byPerson: boolean) => void, changed: (topics: Set<string>) => void } | null} the account that is on the page: null while nobody is signed in */
let account = null;

window.addEventListener('hashchange', () => account?.show(true));
window.addEventListener(sessionChanged, () => { account = null; });
window.addEventListener('pageshow', event => {
  // Back from the payment page, as the browser had kept this one: much may have happened there.
  if (event.persisted) account?.changed(new Set(['everything']));
});
onChanged(topics => account?.changed(topics));
followLive();
forSignedIn(main, () => { account = draw(); }, 'Sign in to see your balance, payments, subscription and cards.');

function draw() {
  /** @type {Map<string, Known>} */
  const drawn = new Map();
  let current = '';
  const links = sections.map(({ id, title }) => el('a', { href: `#${id}` }, title));
  const content = el('div', { class: 'account-content' });
  replace(main,
    el('h1', { class: 'account-title' }, 'Account'),
    el('div', { class: 'account' }, el('nav', { class: 'account-nav', 'aria-label': 'Account' }, links), content));

  /** @param {boolean} byPerson whether somebody went there, who is then to be taken to its heading */
  function show(byPerson) {
    const wanted = location.hash.slice(1).split('?')[0];
    if (wanted === main.id) return; // The skip link.
    const part = sections.find(({ id }) => id === wanted) ?? sections[0];
    const again = part.id === current;
    current = part.id;
    document.title = `${part.title} · Account · Payments`;
    links.forEach((link, i) => mark(link, sections[i] === part));
    for (const [id, { node }] of drawn) node.hidden = id !== part.id;
    const known = drawn.get(part.id) ?? load(part);
    known.node.hidden = false;
    void refresh(known);
    if (byPerson && !again) {
      window.scrollTo(0, 0);
      known.node.querySelector('h2')?.focus({ preventScroll: true });
    }
  }

  /** @param {typeof sections[number]} part */
  function load(part) {
    const heading = el('h2', { id: `${part.id}-title`, tabindex: -1 }, part.title);
    const body = el('div', { class: 'stack' }, skeleton(5));
    const node = el('section', { 'aria-labelledby': heading.id }, heading, body);
    /** @type {Known} */
    const known = { node, section: null, stale: false, reading: false };
    drawn.set(part.id, known);
    content.append(node);
    part.load().then(section => {
      known.section = section;
      replace(body, section.node);
    }).catch(error => {
      console.error(error);
      replace(body, el('div', { class: 'row' }, el('button', { class: 'button', type: 'button', on: { click: () => location.reload() } }, 'Reload the page')));
      problem(body, new ApiProblem({ detail: 'This part of the page could not be loaded. Check the connection.' }));
    });
    return known;
  }

  /** @param {Set<string>} topics */
  function changed(topics) {
    for (const [id, known] of drawn) {
      if (!known.section || !(topics.has('everything') || known.section.topics.some(topic => topics.has(topic)))) continue;
      known.stale = true;
      if (id === current) void refresh(known);
    }
  }

  /** One reading at a time, and once more for what has happened meanwhile: then what is shown is never older than what was. @param {Known} known */
  async function refresh(known) {
    if (known.reading) return;
    known.reading = true;
    try {
      while (known.stale && !known.node.hidden) {
        known.stale = false;
        await known.section?.reload();
      }
    } finally {
      known.reading = false;
    }
  }

  show(false);
  return { show, changed };
}

/** @param {HTMLElement} link @param {boolean} isCurrent */
function mark(link, isCurrent) {
  if (!isCurrent) {
    link.removeAttribute('aria-current');
    return;
  }

  link.setAttribute('aria-current', 'page');
  // On a phone the links are a strip that may be wider than the screen.
  const strip = /** @type {HTMLElement} */ (link.parentElement);
  strip.scrollTo({ left: link.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2 });
}

// @ts-check
import { el, replace } from '../assets/dom.js';
import { toast } from '../assets/frame.js';
import { session, sessionChanged, signIn } from '../assets/session.js';
import { sandboxUsers } from '../assets/signin.js';

/** @type {Record<string, string>} */
const does = { admin: 'may do everything', support: 'helps customers, refunds up to a limit', finance: 'reads and exports the books' };

/** @param {Element} section */
export async function people(section) {
  const users = await sandboxUsers();
  const list = el('div', { class: 'people' });
  section.append(list);
  const draw = () => replace(list, users.map(user => {
    const isMe = session.claims?.sub === user.id;
    return el('button', { class: 'person', type: 'button', 'aria-pressed': isMe, on: { click: () => be(user) } },
      el('span', el('strong', user.name), el('br'), el('span', { class: 'muted small' }, user.roles.map(role => does[role] ?? role).join(', ') || 'buys things')),
      isMe && el('span', { class: 'badge info' }, 'You'));
  }));
  const be = (/** @type {import('../assets/signin.js').SandboxUser} */ user) => {
    signIn(user.token);
    toast(`You are ${user.name} now.`);
    /** @type {HTMLElement | null} */ (list.querySelector('[aria-pressed="true"]'))?.focus();
  };
  window.addEventListener(sessionChanged, draw);
  draw();
}

// @ts-check
import { showDialog } from '../assets/dialog.js';
import { el, replace } from '../assets/dom.js';
import { confirmDialog, problem } from '../assets/frame.js';
import { when } from '../assets/format.js';
import { table } from '../assets/table.js';
import { control } from './controls.js';

/** @typedef {{ id: number, to: string, from: string, subject: string, text: string | null, html: string | null, at: string }} Mail */

const most = 15; // They come with their bodies, two kilobytes each.

/**
 * @param {Element} section
 * @returns {() => Promise<void>} looks again
 */
export function mail(section) {
  const list = el('div');
  const forget = el('button', { class: 'button', type: 'button', hidden: true }, 'Delete all');
  section.append(el('div', { class: 'spread' }, el('p', { class: 'muted' }, 'Every mail lands here and nowhere else.'), forget), list);
  let shown = '';

  async function look() {
    /** @type {Mail[]} */
    const mails = await control(`mail?limit=${most}`);
    forget.hidden = mails.length === 0;
    const now = JSON.stringify(mails.map(one => one.id));
    if (now === shown) return;
    shown = now;
    const focused = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.mail : undefined;
    replace(list, mails.length === 0 ? el('p', { class: 'empty' }, 'No mails yet.') : table({ caption: 'Mails, newest first', columns, rows: mails }));
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-mail="${focused}"]`))?.focus();
  }

  forget.addEventListener('click', () => confirmDialog({
    title: 'Delete all mails?', body: 'They are gone for good.', action: 'Delete', danger: true,
    run: async () => {
      await control('mail', { method: 'DELETE' });
      await look();
    },
  }).catch(error => problem(section, error)));
  return look;
}

/** @type {import('../assets/table.js').Column<Mail>[]} */
const columns = [
  { title: 'Subject', header: true, cell: one => el('button', { class: 'link', type: 'button', dataset: { mail: String(one.id) }, on: { click: () => read(one) } }, one.subject || '(no subject)') },
  { title: 'To', cell: one => one.to },
  { title: 'Time', cell: one => when(one.at) },
];

/** @param {Mail} one */
function read(one) {
  const body = el('div');
  /** @param {boolean} asHtml */
  const show = asHtml => {
    // The mail's own markup runs nothing and loads nothing: a frame without rights, and a policy of its own.
    replace(body, asHtml
      ? el('iframe', { class: 'mail-frame', title: 'The mail', sandbox: 'allow-popups allow-popups-to-escape-sandbox', src: `/sandbox/mail/${one.id}/html` })
      : el('pre', { class: 'mail-text', tabindex: 0, 'aria-label': 'The mail’s text', role: 'region' }, one.text ?? ''));
    for (const [button, on] of /** @type {[HTMLElement, boolean][]} */ ([[html, asHtml], [text, !asHtml]])) button.setAttribute('aria-pressed', String(on));
  };
  const html = el('button', { class: 'button small', type: 'button', disabled: one.html === null, on: { click: () => show(true) } }, 'As designed');
  const text = el('button', { class: 'button small', type: 'button', disabled: one.text === null, on: { click: () => show(false) } }, 'Plain text');
  show(one.html !== null);
  const dialog = showDialog({
    title: one.subject || '(no subject)',
    body: [
      el('p', { class: 'muted small' }, `From ${one.from} to ${one.to}, ${when(one.at)}`),
      el('div', { class: 'row', role: 'group', 'aria-label': 'Show the mail' }, html, text),
      body,
    ],
  });
  dialog.classList.add('wide');
}

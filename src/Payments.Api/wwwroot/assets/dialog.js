// @ts-check
import { el, freshId } from './dom.js';
import { problem } from './problem.js';

/**
 * Asks before something is done, on a native dialog: it keeps the focus, Escape leaves it, and the focus goes back to
 * where it was. With `run`, it stays open until that has worked, showing what was refused.
 * @template [T=true]
 * @param {object} options
 * @param {string} options.title
 * @param {import('./dom.js').Child} options.body
 * @param {string} options.action what the button says: the verb, not "OK"
 * @param {boolean} [options.danger]
 * @param {string} [options.cancel]
 * @param {(form: FormData) => Promise<T> | T} [options.run]
 * @returns {Promise<T | true | null>} what `run` gave, or true; null when it was left
 */
export function confirmDialog({ title, body, action, danger = false, cancel = 'Cancel', run }) {
  const heading = freshId('dialog');
  const go = el('button', { class: danger ? 'button danger' : 'button primary', type: 'submit' }, action);
  const content = el('div', { class: 'dialog-body' }, typeof body === 'string' ? el('p', body) : body);
  const form = el('form', { method: 'dialog', novalidate: true },
    el('h2', { id: heading }, title),
    content,
    el('div', { class: 'dialog-actions' },
      el('button', { class: 'button', type: 'button', on: { click: () => dialog.close() } }, cancel),
      go));
  const dialog = el('dialog', { class: 'dialog', 'aria-labelledby': heading }, form);
  document.body.append(dialog);

  return new Promise(resolve => {
    /** @type {T | true | null} */
    let result = null;
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    form.addEventListener('submit', async event => {
      event.preventDefault();
      if (go.getAttribute('aria-busy') === 'true') return;
      await busy(go, async () => {
        try {
          problem(content, null);
          result = run ? await run(new FormData(form)) : true;
          dialog.close();
        } catch (error) {
          problem(content, error);
        }
      });
    });
    dialog.showModal();
  });
}

/**
 * Shows something above the page until it is closed.
 * @param {object} options
 * @param {string} options.title
 * @param {import('./dom.js').Child} options.body
 * @param {import('./dom.js').Child} [options.actions] buttons beside "Close"
 */
export function showDialog({ title, body, actions }) {
  const heading = freshId('dialog');
  const dialog = el('dialog', { class: 'dialog', 'aria-labelledby': heading },
    el('h2', { id: heading }, title),
    el('div', { class: 'dialog-body' }, body),
    el('div', { class: 'dialog-actions' }, actions,
      el('button', { class: 'button', type: 'button', autofocus: true, on: { click: () => dialog.close() } }, 'Close')));
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  return dialog;
}

/**
 * The button waits, and cannot be pressed twice, while `work` goes on. It keeps the focus, which a disabled one would lose.
 * @template T
 * @param {HTMLElement} button
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>} undefined when it was busy already
 */
export async function busy(button, work) {
  if (button.getAttribute('aria-busy') === 'true') return undefined;
  button.setAttribute('aria-busy', 'true');
  button.setAttribute('aria-disabled', 'true');
  try {
    return await work();
  } finally {
    button.removeAttribute('aria-busy');
    button.removeAttribute('aria-disabled');
  }
}

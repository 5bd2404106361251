// @ts-check
import { ApiProblem } from './api.js';
import { el, freshId } from './dom.js';

/**
 * Shows in `node` (a form, a dialog, a section) what went wrong: each field's error at its input (by the input's name),
 * everything else on top, with the id that the logs know it by. Null takes it away again.
 * @param {Element} node
 * @param {unknown} error
 */
export function problem(node, error) {
  clear(node);
  if (!error) return;

  const refusal = error instanceof ApiProblem ? error : null;
  if (!refusal) console.error(error);
  /** @type {HTMLElement | null} */
  let first = null;
  const elsewhere = [];
  for (const [field, messages] of Object.entries(refusal?.errors ?? {})) {
    const input = /** @type {HTMLElement | null} */ (node.querySelector(`[name="${CSS.escape(field)}"]`));
    if (input) {
      mark(input, messages.join(' '));
      first ??= input;
    } else {
      elsewhere.push(...messages.filter(message => message !== refusal?.detail));
    }
  }

  const text = refusal ? refusal.detail : 'Something went wrong on this page. Reload it and try again.';
  node.prepend(el('div', { class: 'notice bad problem', role: 'alert' },
    el('p', first && elsewhere.length === 0 ? 'Please correct what is marked.' : text),
    elsewhere.length > 0 && el('ul', elsewhere.map(line => el('li', line))),
    refusal?.traceId && refusal.status >= 500 && el('p', { class: 'small' }, 'For support: ', el('code', refusal.traceId))));
  first?.focus();
}

/** @param {HTMLElement} input @param {string} text */
function mark(input, text) {
  const id = freshId('error');
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', id);
  input.closest('.field')?.append(el('p', { class: 'field-error', id }, text));
}

/** @param {Element} node */
function clear(node) {
  for (const old of node.querySelectorAll('.problem, .field-error')) old.remove();
  for (const input of node.querySelectorAll('[aria-invalid]')) {
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
  }
}

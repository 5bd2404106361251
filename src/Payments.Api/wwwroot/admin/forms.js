// @ts-check
import { el, freshId } from '../assets/dom.js';

/** Fields of dialogs. A name is the API's own, so that what it refuses is shown where it was written. */

/**
 * @typedef {object} FieldOptions
 * @property {string} name
 * @property {string} label
 * @property {string} [hint]
 */

/** @param {FieldOptions & { value?: string | number | null, type?: string, [attribute: string]: any }} options */
export function field({ name, label, hint, value, ...attributes }) {
  const id = freshId('field');
  return labelled(id, label, hint, describedBy => el('input', { id, name, value: value ?? '', autocomplete: 'off', 'aria-describedby': describedBy, ...attributes }));
}

/** @param {FieldOptions & { options: [string, string][], value?: string | null }} options */
export function choice({ name, label, hint, options, value }) {
  const id = freshId('field');
  return labelled(id, label, hint, describedBy => el('select', { id, name, 'aria-describedby': describedBy },
    options.map(([key, text]) => el('option', { value: key, selected: key === value }, text))));
}

/** @param {{ name: string, label: string, checked?: boolean }} options */
export const check = ({ name, label, checked = false }) => el('label', { class: 'check' }, el('input', { type: 'checkbox', name, value: 'true', checked }), label);

/** @param {{ name?: string, label?: string, hint?: string }} options */
export function reasonField({ name = 'reason', label = 'Reason', hint }) {
  const id = freshId('field');
  return labelled(id, label, hint, describedBy => el('textarea', { id, name, rows: 2, maxlength: 500, 'aria-describedby': describedBy }));
}

/** @param {string} id @param {string} label @param {string | undefined} hint @param {(describedBy: string | null) => HTMLElement} control */
function labelled(id, label, hint, control) {
  const hintId = hint ? freshId('hint') : null;
  return el('div', { class: 'field' }, el('label', { for: id }, label), control(hintId), hint && el('p', { id: hintId, class: 'hint' }, hint));
}

/** What stands in a {@link reasonField}; null for nothing. @param {FormData} form */
export const reasonOf = form => String(form.get('reason')).trim() || null;

// @ts-check
import { withQuery } from '../assets/api.js';
import { el, freshId } from '../assets/dom.js';
import { go, to } from './router.js';
import { words } from './parts.js';

/** What a list is narrowed by. It stands in the page's address, so that it can be linked, and Back undoes it. */

/**
 * @typedef {object} Field
 * @property {string} name in the page's address; of a column of the API, when nothing else is said
 * @property {string} label
 * @property {'text' | 'date' | 'select' | 'check'} [type]
 * @property {(string | [string, string])[]} [options]
 * @property {string} [any] what a select says when nothing is chosen
 * @property {string} [hint]
 * @property {string[]} [suggestions]
 * @property {boolean} [more] not needed every day: folded away until it is used
 */

/**
 * A form of these fields that goes to `page` with what was filled in.
 * @param {string | string[]} page
 * @param {Field[]} fields
 * @param {URLSearchParams} query
 */
export function filterForm(page, fields, query) {
  const [more, always] = [fields.filter(field => field.more), fields.filter(field => !field.more)];
  const isSet = fields.some(field => query.get(field.name));
  const form = el('form', { class: 'filters', role: 'search', 'aria-label': 'Filter', novalidate: true },
    el('div', { class: 'filter-row' }, always.map(field => input(field, query)), more.length === 0 && buttons(page, isSet)),
    more.length > 0 && el('details', { open: more.some(field => query.get(field.name)) },
      el('summary', 'More filters'),
      el('div', { class: 'filter-row' }, more.map(field => input(field, query)))),
    more.length > 0 && buttons(page, isSet));
  form.addEventListener('submit', event => {
    event.preventDefault();
    const values = new FormData(form);
    go(to(page, Object.fromEntries(fields.map(field => [field.name, String(values.get(field.name) ?? '').trim()]))));
  });
  return form;
}

/** @param {string | string[]} page @param {boolean} isSet */
const buttons = (page, isSet) => el('div', { class: 'row filter-buttons' },
  el('button', { class: 'button primary', type: 'submit' }, 'Filter'),
  isSet && el('a', { class: 'button quiet', href: to(page) }, 'Clear'));

/** @param {Field} field @param {URLSearchParams} query */
function input({ name, label, type = 'text', options = [], any = 'Any', hint, suggestions }, query) {
  const id = freshId('filter');
  const value = query.get(name) ?? '';
  if (type === 'check') {
    return el('label', { class: 'check', for: id }, el('input', { id, name, type: 'checkbox', value: 'true', checked: value === 'true' }), label);
  }

  const hintId = hint && freshId('hint');
  const attributes = { id, name, 'aria-describedby': hintId || null };
  const list = suggestions && el('datalist', { id: freshId('list') }, suggestions.map(text => el('option', { value: text })));
  return el('div', { class: 'field' },
    el('label', { for: id }, label),
    type === 'select'
      ? el('select', attributes, el('option', { value: '' }, any), options.map(option => {
        const [key, text] = Array.isArray(option) ? option : [option, words(option)];
        return el('option', { value: key, selected: key === value }, text);
      }))
      : el('input', { ...attributes, type, value, list: list?.id, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', maxlength: 255 }),
    list,
    hint && el('p', { id: hintId, class: 'hint' }, hint));
}

/** Two days, the last one included: the reader's own, as the API wants it. @type {Field[]} */
export const span = [{ name: 'from', label: 'From', type: 'date', more: true }, { name: 'until', label: 'To and with', type: 'date', more: true }];

/**
 * `{ from, until }` for the API of what {@link span} asked for.
 * @param {URLSearchParams} query
 */
export const spanOf = query => ({ from: midnight(query.get('from'), 0), until: midnight(query.get('until'), 1) });

/**
 * The API's address with those of these parameters that were filled in.
 * @param {string} path
 * @param {Record<string, string | number | boolean | null | undefined>} parameters
 */
export const listOf = (path, parameters) => withQuery(path, { limit: 25, ...parameters });

/** @param {string | null} day @param {number} later days */
export function midnight(day, later) {
  const [year, month, date] = (day ?? '').split('-').map(Number);
  const moment = new Date(year, month - 1, date + later);
  return day && !Number.isNaN(moment.valueOf()) ? moment.toISOString() : null;
}

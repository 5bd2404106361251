// @ts-check
import { api } from './api.js';
import { busy } from './dialog.js';
import { el, replace } from './dom.js';
import { problem } from './problem.js';

/**
 * Tables that are a card per row on a phone. The roles are said again because a table that is displayed as blocks
 * is none to some screen readers.
 *
 * @template T
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: T) => import('./dom.js').Child} cell
 * @property {boolean} [numeric]
 * @property {boolean} [header] whether it names its row
 */

/**
 * @template T
 * @param {object} options
 * @param {string} options.caption
 * @param {Column<T>[]} options.columns
 * @param {T[]} options.rows
 */
export function table({ caption, columns, rows }) {
  return el('table', { class: 'table', role: 'table' },
    el('caption', { class: 'visually-hidden' }, caption),
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, columns.map(column =>
      el('th', { scope: 'col', role: 'columnheader', class: column.numeric ? 'num' : '' }, column.title)))),
    el('tbody', { role: 'rowgroup' }, rows.map(row => tableRow(columns, row))));
}

/** @template T @param {Column<T>[]} columns @param {T} row */
export function tableRow(columns, row) {
  return el('tr', { role: 'row' }, columns.map(column => el(column.header ? 'th' : 'td', {
    ...(column.header ? { scope: 'row', role: 'rowheader' } : { role: 'cell' }),
    class: column.numeric ? 'num' : '',
    dataset: { label: column.title },
  }, column.cell(row))));
}

/**
 * A keyset list as a table, with a button for more at its end.
 * @template T
 * @param {object} options
 * @param {string} options.path
 * @param {string} options.caption
 * @param {Column<T>[]} options.columns
 * @param {string} options.empty what to say when there is nothing
 * @returns {{ node: HTMLElement, reload: () => Promise<void> }}
 */
export function pagedTable({ path, caption, columns, empty }) {
  const node = el('div', { class: 'paged', 'aria-busy': 'true' }, skeleton());
  let reading = 0;

  async function reload() {
    const mine = ++reading;
    try {
      const page = await api.page(path);
      if (mine !== reading) return; // A later one is on its way.
      show(page);
    } catch (error) {
      replace(node);
      problem(node, error);
    } finally {
      node.removeAttribute('aria-busy');
    }
  }

  /** @param {{ items: T[], nextCursor: string | null }} page */
  function show(page) {
    if (page.items.length === 0) {
      replace(node, el('p', { class: 'empty' }, empty));
      return;
    }

    const whole = table({ caption, columns, rows: page.items });
    let cursor = page.nextCursor;
    const more = el('button', { class: 'button', type: 'button', hidden: !cursor }, 'Show more');
    more.addEventListener('click', () => busy(more, async () => {
      try {
        const next = await api.page(path, cursor);
        const rows = next.items.map((/** @type {T} */ row) => tableRow(columns, row));
        whole.tBodies[0].append(...rows);
        cursor = next.nextCursor;
        more.hidden = !cursor;
        // Whoever came by keyboard goes on where the new rows begin.
        if (rows[0]) { rows[0].tabIndex = -1; rows[0].focus(); }
      } catch (error) {
        problem(node, error);
      }
    }));
    replace(node, whole, more);
  }

  void reload();
  return { node, reload };
}

/** Where rows will be. @param {number} [lines] */
export const skeleton = (lines = 3) => el('div', { class: 'stack', 'aria-hidden': 'true' }, Array.from({ length: lines }, () => el('div', { class: 'skeleton' })));

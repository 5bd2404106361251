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
 * @property {boolean} [quiet] whether its title is only read out: a column of buttons says enough by itself
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
      el('th', { scope: 'col', role: 'columnheader', class: column.numeric ? 'num' : '' }, column.quiet ? el('span', { class: 'visually-hidden' }, column.title) : column.title)))),
    el('tbody', { role: 'rowgroup' }, rows.map(row => tableRow(columns, row))));
}

/** @template T @param {Column<T>[]} columns @param {T} row */
export function tableRow(columns, row) {
  return el('tr', { role: 'row' }, columns.map(column => el(column.header ? 'th' : 'td', {
    ...(column.header ? { scope: 'row', role: 'rowheader' } : { role: 'cell' }),
    class: column.numeric ? 'num' : '',
    dataset: { label: column.quiet ? '' : column.title },
  }, column.cell(row))));
}

/**
 * A keyset list as a table, with a button for more at its end. Reading it again keeps as many rows as were shown, and
 * does not touch those that are as they were: whoever is reading, or has the focus in one, is not disturbed.
 * @template T
 * @param {object} options
 * @param {string} options.path
 * @param {string} options.caption
 * @param {Column<T>[]} options.columns
 * @param {string} options.empty what to say when there is nothing
 * @param {(cursor: string | null) => Promise<{ items: T[], nextCursor: string | null }>} [options.read] a page, where it takes more than to ask for `path`
 * @returns {{ node: HTMLElement, reload: () => Promise<void> }}
 */
export function pagedTable({ path, caption, columns, empty, read = cursor => api.page(path, cursor) }) {
  const whole = table({ caption, columns, rows: /** @type {T[]} */ ([]) });
  const nothing = el('p', { class: 'empty' }, empty);
  const more = el('button', { class: 'button', type: 'button' }, 'Show more');
  const node = el('div', { class: 'paged', 'aria-busy': 'true' }, skeleton());
  /** @type {T[]} */
  let shown = [];
  /** @type {string | null} */
  let cursor = null;
  let reading = 0;
  const draw = rowsOf(whole.tBodies[0], columns);

  async function reload() {
    const mine = ++reading;
    try {
      let page = await read(null);
      let items = page.items;
      while (page.nextCursor && items.length < shown.length) {
        page = await read(page.nextCursor);
        items = [...items, ...page.items];
      }

      if (mine === reading) show(items, page.nextCursor); // Otherwise a later one is on its way.
    } catch (error) {
      node.querySelector('.stack[aria-hidden]')?.remove();
      problem(node, error);
    } finally {
      node.removeAttribute('aria-busy');
    }
  }

  /** @param {T[]} items @param {string | null} nextCursor */
  function show(items, nextCursor) {
    problem(node, null);
    [shown, cursor] = [items, nextCursor];
    more.hidden = !cursor;
    const parts = items.length > 0 ? [whole, more] : [nothing];
    if (node.firstElementChild !== parts[0]) replace(node, parts);
    return draw(items);
  }

  more.addEventListener('click', () => busy(more, async () => {
    const mine = ++reading;
    try {
      const next = await read(cursor);
      if (mine !== reading) return;
      const rows = show([...shown, ...next.items], next.nextCursor);
      // Whoever came by keyboard goes on where the new rows begin.
      focusOn(rows[rows.length - next.items.length]);
    } catch (error) {
      problem(node, error);
    }
  }));

  void reload();
  return { node, reload };
}

/**
 * Draws rows into a body; what is drawn already and has not changed stays the very element that it was.
 * @template T
 * @param {HTMLTableSectionElement} body
 * @param {Column<T>[]} columns
 * @returns {(rows: T[]) => HTMLTableRowElement[]}
 */
function rowsOf(body, columns) {
  /** @type {Map<string, HTMLTableRowElement>} by all that is known of the row */
  let drawn = new Map();
  return rows => {
    const before = drawn;
    drawn = new Map(rows.map(row => {
      const text = JSON.stringify(row);
      return [text, before.get(text) ?? tableRow(columns, row)];
    }));
    const wanted = [...drawn.values()];
    const held = [...body.rows].findIndex(row => row.contains(document.activeElement));
    const lost = held >= 0 && !wanted.includes(body.rows[held]);
    for (const row of [...body.rows]) if (!wanted.includes(row)) row.remove();
    let at = body.firstElementChild;
    for (const row of wanted) {
      if (row === at) at = at.nextElementSibling;
      else body.insertBefore(row, at);
    }

    // What had the focus has changed: what is there in its place has it now.
    if (lost) focusOn(wanted[Math.min(held, wanted.length - 1)]);
    return wanted;
  };
}

/** @param {HTMLElement | undefined} row */
function focusOn(row) {
  if (!row) return;
  row.tabIndex = -1;
  row.focus();
}

/** Where rows will be. @param {number} [lines] */
export const skeleton = (lines = 3) => el('div', { class: 'stack', 'aria-hidden': 'true' }, Array.from({ length: lines }, () => el('div', { class: 'skeleton' })));

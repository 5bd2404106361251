// @ts-check
import { api, postOfForm, withQuery } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { confirmDialog, toast } from '../assets/frame.js';
import { table } from '../assets/table.js';
import { shelves } from './catalog-shelves.js';
import { reasonField, reasonOf } from './forms.js';
import { syncPlans } from './plan-sync.js';
import { head, region } from './parts.js';
import { may } from './roles.js';
import { to } from './router.js';

/** What is sold. Nothing of it is ever removed, only taken off sale; who bought keeps what was agreed. */

/** @typedef {import('./catalog-shelves.js').Shelf} Shelf @typedef {Record<string, any>} Thing */

/** @type {import('./admin.js').View} */
export function view({ path: [name], query }) {
  const [current, shelf] = Object.entries(shelves).find(([key]) => key === name) ?? Object.entries(shelves)[0];
  const marked = query.get('id');
  const list = region(async () => {
    const { items } = await api.get(shelf.path);
    return items.length === 0 ? el('p', { class: 'empty' }, `There is no ${shelf.one} yet.`) : shown(shelf, items, marked, list.reload);
  });
  const outcome = el('div', { class: 'told', 'aria-live': 'polite' });
  return el('div', { class: 'stack loose' },
    head('Catalog', may.administer && [
      current === 'plans' && el('button', { class: 'button', type: 'button', on: { click: async () => { if (await syncPlans(outcome)) await list.reload(); } } }, 'Sync with Stripe…'),
      el('button', { class: 'button primary', type: 'button', on: { click: () => void edit(shelf, null, list.reload) } }, `New ${shelf.one}…`),
    ]),
    el('nav', { class: 'tabs', 'aria-label': 'Kind' }, Object.entries(shelves).map(([key, { title }]) =>
      el('a', { href: to(['catalog', key]), 'aria-current': key === current ? 'true' : null }, title))),
    el('div', { dataset: { results: '' } }, outcome, list.node));
}

/** @param {Shelf} shelf @param {Thing[]} things @param {string | null} marked @param {() => Promise<void>} reload */
function shown(shelf, things, marked, reload) {
  const whole = table({
    caption: shelf.title,
    rows: things,
    columns: [
      ...shelf.columns,
      { title: 'On sale', cell: thing => el('span', { class: `badge ${thing.active ? 'good' : ''}` }, thing.active ? 'On sale' : 'Off sale') },
      ...(may.administer ? [{ title: 'Change', quiet: true, cell: (/** @type {Thing} */ thing) => actions(shelf, thing, reload) }] : []),
    ],
  });
  const row = whole.tBodies[0].rows[things.findIndex(thing => thing.id === marked)];
  if (row) {
    row.classList.add('marked');
    requestAnimationFrame(() => row.scrollIntoView({ block: 'center' }));
  }

  return el('div', { class: 'card flush' }, whole);
}

/** @param {Shelf} shelf @param {Thing} thing @param {() => Promise<void>} reload */
const actions = (shelf, thing, reload) => el('div', { class: 'row end' },
  button('Edit', thing, () => edit(shelf, thing, reload)),
  shelf.stock && button('Stock', thing, () => setStock(shelf, thing, reload)),
  thing.active ? button('Take off sale', thing, () => takeOff(shelf, thing, reload)) : button('Put on sale', thing, () => putOn(shelf, thing, reload)));

/** @param {string} text @param {Thing} thing @param {() => Promise<void>} click */
const button = (text, thing, click) => el('button', { class: 'button small', type: 'button', 'aria-label': `${text}: ${thing.name}`, on: { click: () => void click() } }, text);

/** @param {Shelf} shelf @param {Thing | null} thing null for a new one @param {() => Promise<void>} reload */
async function edit(shelf, thing, reload) {
  const post = postOfForm();
  const done = await confirmDialog({
    title: thing ? `Edit ${thing.name}` : `New ${shelf.one}`,
    body: el('div', { class: 'stack' }, el('div', { class: 'form-grid' }, shelf.fields(thing)), reasonField({ hint: 'For the audit log.' })),
    action: thing ? 'Save' : 'Create',
    run: form => {
      const body = { ...restOf(thing), active: thing?.active ?? true, ...shelf.body(form, thing), reason: reasonOf(form) };
      return thing ? api.put(`${shelf.path}/${thing.id}`, body) : post(shelf.path, body);
    },
  });
  if (done) await changed(thing ? 'Saved.' : 'Created, and on sale.', reload);
}

/** @param {Shelf} shelf @param {Thing} thing @param {() => Promise<void>} reload */
async function takeOff(shelf, thing, reload) {
  const done = await confirmDialog({
    title: `Take ${thing.name} off sale?`,
    body: el('div', { class: 'stack' }, el('p', 'Nobody can buy it any more; whoever did keeps it. It can be put on sale again.'), reasonField({ hint: 'For the audit log.' })),
    action: 'Take off sale',
    run: form => api.delete(withQuery(`${shelf.path}/${thing.id}`, { reason: reasonOf(form) })),
  });
  if (done) await changed(`${thing.name} is off sale.`, reload);
}

/** @param {Shelf} shelf @param {Thing} thing @param {() => Promise<void>} reload */
async function putOn(shelf, thing, reload) {
  const done = await confirmDialog({
    title: `Put ${thing.name} on sale?`,
    body: el('div', { class: 'stack' }, el('p', 'It is in the shop at once, as it stands here.'), reasonField({ hint: 'For the audit log.' })),
    action: 'Put on sale',
    run: form => api.put(`${shelf.path}/${thing.id}`, { ...restOf(thing), active: true, reason: reasonOf(form) }),
  });
  if (done) await changed(`${thing.name} is on sale.`, reload);
}

/** @param {Shelf} shelf @param {Thing} thing @param {() => Promise<void>} reload */
async function setStock(shelf, thing, reload) {
  const stock = /** @type {NonNullable<Shelf['stock']>} */ (shelf.stock);
  const done = await confirmDialog({
    title: `Stock of ${thing.name}`,
    body: el('div', { class: 'stack' }, stock.fields(thing), reasonField({ hint: 'For the audit log.' })),
    action: 'Set stock',
    run: form => api.put(`${shelf.path}/${thing.id}/stock`, { ...stock.body(form), reason: reasonOf(form) }),
  });
  if (done) await changed('The stock is set.', reload);
}

/** A change replaces all of it, so what no field asks for goes along as it is. @param {Thing | null} thing */
function restOf(thing) {
  const { id: _id, stock: _stock, ...rest } = thing ?? {};
  return rest;
}

/** @param {string} text @param {() => Promise<void>} reload */
async function changed(text, reload) {
  toast(text);
  await reload();
}

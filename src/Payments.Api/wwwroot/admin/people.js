// @ts-check
import { api, withQuery } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { count, day } from '../assets/format.js';
import { table } from '../assets/table.js';
import { filterForm } from './filters.js';
import { at, head, personLink, region, words } from './parts.js';

/** Looking for people by their email. */

/** @typedef {{ id: string, email: string | null, name: string | null, credits: number, held: number, debt: number, subscriptionType: string | null, subscriptionExpires: string | null, createdAt: string }} Person */

/** @type {import('./admin.js').View} */
export function view({ query }) {
  const q = query.get('q');
  return el('div', { class: 'stack loose' },
    head('People'),
    filterForm('people', [{ name: 'q', label: 'Email', hint: 'All of it, or its first three characters or more.' }], query),
    el('div', { dataset: { results: '' } }, q
      ? region(async () => found((await api.get(withQuery('admin/users', { email: q }))).items)).node
      : el('p', { class: 'empty' }, 'Say whom you look for. By a user’s id, the box on top finds them too.')));
}

/** @param {Person[]} people */
const found = people => people.length === 0 ? el('p', { class: 'empty' }, 'Nobody has an email like that. Who never signed in here is not known.') : el('div', { class: 'card flush' }, table({
  caption: 'People',
  rows: people,
  columns: [
    { title: 'Email', header: true, cell: person => personLink(person.id, person.email ?? 'erased') },
    { title: 'Name', cell: person => person.name },
    { title: 'Credits', numeric: true, cell: person => count(person.credits) },
    { title: 'Debt', numeric: true, cell: person => person.debt > 0 ? el('span', { class: 'badge warn' }, count(person.debt)) : null },
    { title: 'Subscription', cell: person => person.subscriptionType && `${words(person.subscriptionType)}, until ${day(person.subscriptionExpires)}` },
    { title: 'Since', cell: person => at(person.createdAt) },
  ],
}));

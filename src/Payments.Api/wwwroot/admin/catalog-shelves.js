// @ts-check
import { ApiProblem } from '../assets/api.js';
import { count, money, parseMoney, plainMoney, plural } from '../assets/format.js';
import { choice, field } from './forms.js';
import { policies } from './payment-terms.js';
import { words } from './parts.js';

/** The four kinds of things that are sold: what a row shows, and what a form asks. */

/**
 * @typedef {Record<string, any>} Thing
 * @typedef {object} Shelf
 * @property {string} path
 * @property {string} title
 * @property {string} one
 * @property {import('../assets/table.js').Column<Thing>[]} columns
 * @property {(thing: Thing | null) => import('../assets/dom.js').Child} fields
 * @property {(form: FormData, thing: Thing | null) => Record<string, unknown>} body throws an {@link ApiProblem} at what cannot be read
 * @property {{ fields: (thing: Thing) => import('../assets/dom.js').Child, body: (form: FormData) => Record<string, unknown> }} [stock]
 */

/** @type {import('../assets/table.js').Column<Thing>} */
const nameColumn = { title: 'Name', header: true, cell: thing => thing.name };
/** @type {import('../assets/table.js').Column<Thing>} */
const priceColumn = { title: 'Price', numeric: true, cell: thing => money(thing.price) };

const policyNames = Object.entries(policies).map(([name, text]) => /** @type {[string, string]} */ ([name, words(text)]));

/** @type {Record<string, Shelf>} */
export const shelves = {
  'credit-packs': {
    path: 'admin/credit-packs', title: 'Credit packs', one: 'credit pack',
    columns: [
      nameColumn, { title: 'Credits', numeric: true, cell: pack => count(pack.credits) }, priceColumn,
      { title: 'Expire', cell: pack => pack.creditsExpireAfterDays ? `after ${plural(pack.creditsExpireAfterDays, 'day')}` : 'never' },
    ],
    fields: pack => [nameField(pack), number('credits', 'Credits', pack?.credits), priceFields(pack), expiry(pack), policy(pack), order(pack)],
    body: form => ({
      name: form.get('name'), credits: whole(form, 'credits'), price: price(form), ...expiryOf(form), refundPolicy: form.get('refundPolicy'), ...orderOf(form),
    }),
  },
  plans: {
    path: 'admin/plans', title: 'Plans', one: 'plan',
    columns: [
      nameColumn, { title: 'Price', numeric: true, cell: plan => `${money(plan.price)} ${every(plan)}` },
      { title: 'Credits', numeric: true, cell: plan => plan.creditsPerPeriod > 0 ? count(plan.creditsPerPeriod) : null },
      { title: 'Trial', cell: plan => plan.trialDays > 0 ? plural(plan.trialDays, 'day') : null },
      { title: 'Family', cell: plan => `${plan.family}, rank ${plan.rank}` },
    ],
    fields: plan => [
      nameField(plan), priceFields(plan, 'Of one seat, for one period.'),
      choice({ name: 'interval', label: 'Billed every', value: plan?.interval ?? 'month', options: ['day', 'week', 'month', 'year'].map(name => [name, words(name)]) }),
      number('intervalCount', 'How many of these', plan?.intervalCount ?? 1), number('trialDays', 'Days of trial', plan?.trialDays ?? 0),
      number('creditsPerPeriod', 'Credits a period and seat', plan?.creditsPerPeriod ?? 0), expiry(plan),
      field({ name: 'family', label: 'Family', value: plan?.family, hint: 'Of these a user has one at a time.', maxlength: 50 }),
      number('rank', 'Rank', plan?.rank ?? 0, 'To a higher one of the family is an upgrade.'),
      number('maximumQuantity', 'Most seats', plan?.maximumQuantity ?? 1),
      field({ name: 'access.type', label: 'Access to: type', value: plan?.access.type ?? 'platform' }), field({ name: 'access.id', label: 'Access to: id', value: plan?.access.id ?? '*', hint: '* is all of the platform.' }),
      policy(plan),
      field({ name: 'type', label: 'Shown in profiles as', value: plan?.type, hint: 'Made from the name when left empty.', maxlength: 50 }),
      field({ name: 'gatewayPriceId', label: 'Stripe’s price', value: plan?.gatewayPriceId, hint: 'One to follow at the next sync; one of our own when left empty.', maxlength: 255 }),
      order(plan),
    ],
    body: form => ({
      name: form.get('name'), price: price(form), interval: form.get('interval'), intervalCount: whole(form, 'intervalCount'), trialDays: whole(form, 'trialDays'),
      creditsPerPeriod: whole(form, 'creditsPerPeriod'), ...expiryOf(form), family: text(form, 'family') ?? '', rank: whole(form, 'rank'), maximumQuantity: whole(form, 'maximumQuantity'),
      access: { type: text(form, 'access.type') ?? '', id: text(form, 'access.id') ?? '' }, refundPolicy: form.get('refundPolicy'), type: text(form, 'type'), gatewayPriceId: text(form, 'gatewayPriceId'), ...orderOf(form),
    }),
  },
  items: {
    path: 'admin/items', title: 'Items', one: 'item',
    columns: [
      nameColumn, { title: 'Type', cell: item => words(item.type) }, priceColumn, { title: 'Resource', cell: item => item.resourceId },
      { title: 'Given back within', cell: item => item.refundWindowDays !== null ? plural(item.refundWindowDays, 'day') : 'as configured' },
    ],
    fields: item => [
      nameField(item), choice({ name: 'type', label: 'Type', value: item?.type ?? 'course', options: ['course', 'learningPath', 'lab'].map(name => [name, words(name)]) }),
      field({ name: 'resourceId', label: 'Resource', value: item?.resourceId, hint: 'What the rest of the product calls it; an id of our own when left empty.', maxlength: 200 }),
      priceFields(item), number('refundWindowDays', 'Days to give it back', item?.refundWindowDays, 'As configured when left empty.'), order(item),
    ],
    body: form => ({ name: form.get('name'), type: form.get('type'), resourceId: text(form, 'resourceId'), price: price(form), refundWindowDays: whole(form, 'refundWindowDays'), ...orderOf(form) }),
  },
  products: {
    path: 'admin/products', title: 'Products', one: 'product',
    columns: [
      nameColumn, priceColumn, { title: 'Free', numeric: true, cell: product => count(product.stock.available) },
      { title: 'Reserved', numeric: true, cell: product => count(product.stock.reserved) }, { title: 'Sold', numeric: true, cell: product => count(product.stock.sold) },
    ],
    fields: product => [nameField(product), priceFields(product, 'Of one piece.'), !product && number('available', 'Pieces to begin with', 0), order(product)],
    body: (form, product) => ({ name: form.get('name'), price: price(form), ...(product ? {} : { available: whole(form, 'available') }), ...orderOf(form) }),
    stock: {
      fields: product => number('available', 'Pieces that are free to be ordered', product.stock.available, `${plural(product.stock.reserved, 'piece')} in orders that are not paid yet and ${count(product.stock.sold)} sold stay so.`),
      body: form => ({ available: whole(form, 'available') }),
    },
  },
};

/** @param {Thing} plan */
const every = ({ interval, intervalCount }) => intervalCount === 1 ? `a ${interval}` : `every ${intervalCount} ${interval}s`;

/** @param {Thing | null} thing */
const nameField = thing => field({ name: 'name', label: 'Name', value: thing?.name, maxlength: 100 });

/** @param {string} name @param {string} label @param {number | null} [value] @param {string} [hint] */
const number = (name, label, value, hint) => field({ name, label, value, hint, inputmode: 'numeric' });

/** @param {Thing | null} thing @param {string} [hint] */
const priceFields = (thing, hint) => [
  field({ name: 'price.amount', label: 'Price', value: thing ? plainMoney(thing.price) : '', inputmode: 'decimal', hint }),
  field({ name: 'price.currency', label: 'Currency', value: thing?.price.currency ?? 'usd', maxlength: 3, spellcheck: 'false', autocapitalize: 'none' }),
];

/** @param {Thing | null} thing */
const expiry = thing => number('creditsExpireAfterDays', 'Credits expire after (days)', thing?.creditsExpireAfterDays, 'Never when left empty.');

/** @param {FormData} form */
const expiryOf = form => ({ creditsExpireAfterDays: whole(form, 'creditsExpireAfterDays') });

/** @param {Thing | null} thing */
const policy = thing => choice({ name: 'refundPolicy', label: 'Spent credits, refunded', value: thing?.refundPolicy ?? 'debt', options: policyNames });

/** @param {Thing | null} thing */
const order = thing => number('displayOrder', 'Place in the list', thing?.displayOrder ?? 0);

/** @param {FormData} form */
const orderOf = form => ({ displayOrder: whole(form, 'displayOrder') });

/** @param {FormData} form @param {string} name */
const text = (form, name) => String(form.get(name) ?? '').trim() || null;

/** @param {FormData} form @param {string} name @returns {number | null} */
function whole(form, name) {
  const written = text(form, name);
  if (written === null) return null;
  if (!/^-?\d{1,15}$/.test(written)) throw refused(name, 'Write a whole number, in digits only.');
  return Number(written);
}

/** @param {FormData} form */
function price(form) {
  const currency = (text(form, 'price.currency') ?? '').toLowerCase();
  const amount = parseMoney(text(form, 'price.amount') ?? '', currency);
  if (!/^[a-z]{3}$/.test(currency)) throw refused('price.currency', 'A currency has three letters, like usd.');
  if (amount === null) throw refused('price.amount', `Write an amount like ${plainMoney({ amount: 1999, currency })}, and no more decimals than the currency has.`);
  return { amount, currency };
}

/** @param {string} name @param {string} detail */
const refused = (name, detail) => new ApiProblem({ status: 400, detail, errors: { [name]: [detail] } });

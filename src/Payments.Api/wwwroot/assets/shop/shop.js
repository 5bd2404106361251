// @ts-check
import { api } from '../api.js';
import { byId, el, replace } from '../dom.js';
import { frame, problem } from '../frame.js';
import { live } from '../live.js';
import { session, sessionChanged } from '../session.js';
import { sandbox } from '../site.js';
import { shopOutdated } from './buying.js';
import { creditsSection } from './credits.js';
import { goodsSection } from './goods.js';
import { itemsSection } from './items.js';
import { plansSection } from './plans.js';

/** The shop: everything on sale, for whoever comes; and of that, what the one who is signed in has already. */

/**
 * @typedef {object} Own
 * @property {{ itemId: string, owned: boolean, status: string }[]} purchases
 * @property {{ planId: string | null, status: string }[]} subscriptions live ones
 */

/** @type {Own} */
const nothing = { purchases: [], subscriptions: [] };

frame({ page: 'shop' });
byId('test-cards').hidden = !sandbox;
byId('promotion').addEventListener('submit', event => event.preventDefault()); // It goes with the next purchase.
void start();

async function start() {
  const offers = byId('offers');
  try {
    const reading = readOwn().catch(() => nothing); // Whoever buys what they have is told by the API.
    const [packs, amount, plans, items, products] = await Promise.all(['credit-packs', 'credit-amount', 'plans', 'items', 'products'].map(path => api.get(path)));
    // Both at once, so that no button turns into another under somebody's finger.
    draw(offers, await reading, packs.items, amount, plans.items, items.items, products.items);
  } catch (error) {
    replace(offers);
    problem(offers, error);
  } finally {
    offers.removeAttribute('aria-busy');
  }
}

/**
 * @param {HTMLElement} offers
 * @param {Own} own
 * @param {import('./credits.js').CreditPack[]} packs
 * @param {import('./credits.js').CreditAmount} amount
 * @param {import('./plans.js').Plan[]} plans
 * @param {import('./items.js').Item[]} items
 * @param {import('./goods.js').Product[]} products
 */
function draw(offers, own, packs, amount, plans, items, products) {
  const plansPart = plansSection(plans);
  const itemsPart = itemsSection(items);
  const goodsPart = goodsSection(products);
  replace(offers,
    creditsSection(packs, amount),
    plans.length > 0 && plansPart.node,
    items.length > 0 && itemsPart.node,
    products.length > 0 && goodsPart.node);

  let asked = 0;
  const showOwn = async () => {
    const mine = ++asked;
    const now = await readOwn().catch(() => nothing);
    if (mine !== asked) return;
    plansPart.show(now);
    itemsPart.show(now);
  };
  plansPart.show(own);
  itemsPart.show(own);
  window.addEventListener(sessionChanged, () => void showOwn());
  window.addEventListener(shopOutdated, async () => {
    void showOwn();
    // Who cannot be told of it now sees the stock of before; the API refuses what is gone.
    const goods = await api.get('products').catch(() => null);
    if (goods) goodsPart.update(goods.items);
  });
  live(({ event }) => {
    if (event !== 'credits' && event !== 'notification') void showOwn();
  });
}

/** @returns {Promise<Own>} */
async function readOwn() {
  if (!session.token) return nothing;
  const purchases = [];
  for await (const page of api.pages('purchases?limit=100')) purchases.push(...page);
  const subscriptions = (await api.get('subscriptions/status')).items;
  const over = ['canceled', 'incomplete', 'incomplete_expired'];
  return { purchases, subscriptions: subscriptions.filter((/** @type {{ status: string }} */ one) => !over.includes(one.status)) };
}

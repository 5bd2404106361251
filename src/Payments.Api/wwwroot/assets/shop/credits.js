// @ts-check
import { el, freshId, replace } from '../dom.js';
import { count, money, plural, unitPrice } from '../format.js';
import { buyButton } from './buying.js';

/** @typedef {{ id: string, name: string, credits: number, price: import('../format.js').Money }} CreditPack */
/** @typedef {{ unitPrice: import('../format.js').Money, minimum: number, maximum: number }} CreditAmount */

/**
 * @param {CreditPack[]} packs
 * @param {CreditAmount | null} amount what a free amount costs
 */
export function creditsSection(packs, amount) {
  const best = bestOfEachCurrency(packs);
  return el('section', { id: 'credits', 'aria-labelledby': 'credits-title' },
    el('h2', { id: 'credits-title' }, 'Credits'),
    el('ul', { class: 'grid offers' },
      packs.map(pack => packCard(pack, best.has(pack.id))),
      amount && amountCard(amount)));
}

/** @param {CreditPack} pack @param {boolean} isBest */
function packCard(pack, isBest) {
  const card = el('li', { class: 'card offer' });
  replace(card,
    el('div', { class: 'spread' }, el('h3', pack.name), isBest && el('span', { class: 'badge good' }, 'Best value')),
    el('p', { class: 'amount' }, el('strong', count(pack.credits)), ' ', pack.credits === 1 ? 'credit' : 'credits'),
    el('p', { class: 'price' }, el('strong', money(pack.price)), el('span', { class: 'muted' }, `${unitPrice(pack.price, pack.credits)} a credit`)),
    buyButton({ text: 'Buy', title: `${pack.name}, ${plural(pack.credits, 'credit')}`, card, request: () => ({ creditPackId: pack.id }) }));
  return card;
}

/** @param {CreditAmount} amount */
function amountCard({ unitPrice: each, minimum, maximum }) {
  const id = freshId('credits');
  const total = el('strong', { 'aria-live': 'polite' });
  const input = el('input', { id, name: 'creditAmount', type: 'number', min: minimum, max: maximum, step: 1, inputmode: 'numeric', value: Math.min(Math.max(250, minimum), maximum), required: true });
  const card = el('li', { class: 'card offer' });
  const show = () => replace(total, input.validity.valid ? money({ amount: input.valueAsNumber * each.amount, currency: each.currency }) : '–');
  input.addEventListener('input', show);
  show();
  replace(card,
    el('h3', 'Any amount'),
    el('div', { class: 'field' },
      el('label', { for: id }, 'How many credits'), input,
      el('p', { class: 'hint' }, `${count(minimum)} to ${count(maximum)}`)),
    el('p', { class: 'price' }, total, el('span', { class: 'muted' }, `${unitPrice(each, 1)} a credit`)),
    // What is out of bounds is the API's to refuse, with the bounds in its words.
    buyButton({ text: 'Buy', title: 'Credits', card, request: () => ({ creditAmount: Number.isInteger(input.valueAsNumber) ? input.valueAsNumber : 0 }) }));
  return card;
}

/** The pack whose credits cost least, where there is more than one to choose from. @param {CreditPack[]} packs */
function bestOfEachCurrency(packs) {
  const best = new Set();
  for (const [, same] of Map.groupBy(packs, pack => pack.price.currency)) {
    if (same.length > 1) best.add(same.reduce((a, b) => b.price.amount * a.credits < a.price.amount * b.credits ? b : a).id);
  }

  return best;
}

// @ts-check
import { el, replace } from '../dom.js';
import { money, plural } from '../format.js';
import { buyButton } from './buying.js';

/** @typedef {{ id: string, name: string, type: 'course' | 'learningPath' | 'lab', resourceId: string, price: import('../format.js').Money, refundWindowDays: number }} Item */
/** @typedef {import('./shop.js').Own} Own */

const types = { course: 'Course', learningPath: 'Learning path', lab: 'Lab' };

/**
 * @param {Item[]} items
 * @returns {{ node: HTMLElement, show: (own: Own) => void }}
 */
export function itemsSection(items) {
  const cards = items.map(itemCard);
  const node = el('section', { id: 'items', 'aria-labelledby': 'items-title' },
    el('h2', { id: 'items-title' }, 'Courses and labs'),
    el('ul', { class: 'grid offers' }, cards.map(card => card.card)));
  return { node, show: own => cards.forEach(card => card.show(own)) };
}

/** @param {Item} item */
function itemCard(item) {
  const card = el('li', { class: 'card offer' });
  const state = el('span', { class: 'row' });
  const action = el('div');
  const buying = buyButton({ text: 'Buy', title: item.name, card, request: () => ({ itemId: item.id }) });
  replace(card,
    el('div', { class: 'spread' }, el('span', { class: 'muted small' }, types[item.type] ?? item.type), state),
    el('h3', item.name),
    el('p', { class: 'price' }, el('strong', money(item.price)),
      item.refundWindowDays > 0 && el('span', { class: 'muted' }, `money back for ${plural(item.refundWindowDays, 'day')}`)),
    action);

  /** @param {Own} own */
  function show({ purchases }) {
    const mine = purchases.filter(purchase => purchase.itemId === item.id);
    const owned = mine.some(purchase => purchase.owned);
    const onItsWay = !owned && mine.some(purchase => purchase.status === 'processing');
    replace(state, owned ? el('span', { class: 'badge good' }, 'Owned') : onItsWay && el('span', { class: 'badge warn' }, 'Payment on its way'));
    replace(action, owned || onItsWay ? el('a', { class: 'button', href: '/account#purchases', 'aria-label': `In your account: ${item.name}` }, 'In your account') : buying);
  }

  return { card, show };
}

// @ts-check
import { api } from '../api.js';
import { el, freshId, replace } from '../dom.js';
import { money } from '../format.js';
import { session } from '../session.js';
import { buy, once } from './buying.js';

/** @typedef {{ id: string, name: string, price: import('../format.js').Money, available: number }} Product */

const few = 10;

/**
 * What is ordered by the piece: the order first, which sets the pieces aside, then the payment of it.
 * @param {Product[]} products
 */
export function goodsSection(products) {
  const lines = products.map(productLine);
  const total = el('strong', { class: 'total', 'aria-live': 'polite' });
  const button = el('button', { class: 'button primary', type: 'submit' }, 'Order and pay');
  const form = el('form', { class: 'card', novalidate: true, 'aria-labelledby': 'goods-title' },
    el('ul', { class: 'lines' }, lines.map(line => line.node)),
    el('div', { class: 'spread' }, el('p', 'Total ', total), button));

  const chosen = () => lines.filter(line => line.quantity() !== 0).map(line => ({ productId: line.product.id, quantity: line.quantity() }));
  const show = () => {
    replace(total, sum(lines));
    button.toggleAttribute('disabled', chosen().length === 0);
  };
  form.addEventListener('input', show);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const items = chosen();
    const title = lines.filter(line => line.quantity() !== 0).map(line => `${line.quantity()} × ${line.product.name}`).join(', ');
    void buy({ button, title, card: form, request: () => place(items) });
  });
  show();

  /** What is left has changed; what was chosen stays as it is. @param {Product[]} now */
  const update = now => lines.forEach(line => line.showAvailable(now.find(product => product.id === line.product.id)?.available ?? 0));
  const node = el('section', { id: 'goods', 'aria-labelledby': 'goods-title' }, el('h2', { id: 'goods-title' }, 'Things to order'), form);
  return { node, update };
}

/** @type {{ key: string, orderId: string } | null} an order that was placed but whose payment page did not open: it is paid, not placed again */
let placed = null;

/** @param {{ productId: string, quantity: number }[]} items */
async function place(items) {
  const key = JSON.stringify([session.claims?.sub, items]);
  if (placed?.key !== key || (await api.get(`orders/${placed.orderId}`)).status !== 'PENDING') {
    const order = await once(key, idempotencyKey => api.post('orders', { items }, { idempotencyKey }));
    placed = { key, orderId: order.id };
  }

  return { orderId: placed.orderId };
}

/** @param {Product} product */
function productLine(product) {
  const id = freshId('product');
  const available = el('span', { class: 'badge' });
  const input = el('input', { id, class: 'quantity', name: id, type: 'number', min: 0, max: 1000, step: 1, inputmode: 'numeric', value: 0 });
  const node = el('li', { class: 'line' },
    el('label', { for: id }, el('strong', product.name), el('span', { class: 'visually-hidden' }, ', pieces')),
    available,
    el('span', { class: 'num line-price' }, money(product.price)),
    input);

  /** @param {number} left */
  function showAvailable(left) {
    available.className = `badge ${left === 0 ? 'bad' : left <= few ? 'warn' : 'good'}`;
    replace(available, left === 0 ? 'Sold out' : left <= few ? `${left} left` : 'In stock');
    input.disabled = left === 0;
    if (left === 0) input.value = '0';
  }

  showAvailable(product.available);
  return { product, node, showAvailable, quantity: () => input.value === '' ? 0 : Number.isInteger(input.valueAsNumber) ? input.valueAsNumber : -1 };
}

/** Of each currency its own. @param {ReturnType<typeof productLine>[]} lines */
function sum(lines) {
  const sums = new Map();
  for (const { product: { price }, quantity } of lines) {
    if (quantity() > 0) sums.set(price.currency, (sums.get(price.currency) ?? 0) + price.amount * quantity());
  }

  return [...sums].map(([currency, amount]) => money({ amount, currency })).join(' + ') || '–';
}

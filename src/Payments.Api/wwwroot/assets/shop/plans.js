// @ts-check
import { el, freshId, replace } from '../dom.js';
import { count, money, plural } from '../format.js';
import { buyButton } from './buying.js';

/**
 * @typedef {object} Plan
 * @property {string} id
 * @property {string} name
 * @property {import('../format.js').Money} price of one seat, for one period
 * @property {'day' | 'week' | 'month' | 'year'} interval
 * @property {number} intervalCount
 * @property {number} trialDays
 * @property {number} creditsPerPeriod
 * @property {string} family
 * @property {number} rank
 * @property {number} maximumQuantity
 */

/** @typedef {import('./shop.js').Own} Own */

/**
 * @param {Plan[]} plans
 * @returns {{ node: HTMLElement, show: (own: Own) => void }}
 */
export function plansSection(plans) {
  const several = new Set(plans.map(plan => plan.family)).size > 1;
  const cards = plans.map(plan => planCard(plan, saving(plan, plans), several ? 'h4' : 'h3'));
  const families = [...Map.groupBy(cards, card => card.plan.family)];
  const node = el('section', { id: 'plans', 'aria-labelledby': 'plans-title' },
    el('h2', { id: 'plans-title' }, 'Plans'),
    // Families stand side by side, each as wide as it has plans.
    el('div', { class: 'families' }, families.map(([family, members]) => el('div', { class: 'stack', style: { flex: `${members.length} 1 ${members.length * 15}rem` } },
      several && el('h3', { class: 'family' }, title(family)),
      el('ul', { class: 'grid offers' }, members.map(member => member.card))))));
  return { node, show: own => cards.forEach(card => card.show(own, plans)) };
}

/**
 * @param {Plan} plan
 * @param {{ percent: number, monthly: import('../format.js').Money } | null} saved
 * @param {'h3' | 'h4'} heading
 */
function planCard(plan, saved, heading) {
  const card = el('li', { class: 'card offer' });
  const badges = el('span', { class: 'row' });
  const action = el('div', { class: 'stack' });
  const seats = plan.maximumQuantity > 1 ? seatsField(plan) : null;
  const buying = buyButton({
    text: plan.trialDays > 0 ? 'Start free trial' : 'Subscribe',
    title: plan.name,
    card,
    request: () => ({ planId: plan.id, ...(seats && { quantity: seats.quantity() }) }),
  });
  replace(card,
    el('div', { class: 'spread' }, el(heading, { class: 'offer-name' }, plan.name), badges),
    el('p', { class: 'price' }, el('strong', money(plan.price)), el('span', { class: 'muted' }, `${seats ? 'a seat ' : ''}${every(plan)}`)),
    el('ul', { class: 'points' },
      plan.creditsPerPeriod > 0 && el('li', `${plural(plan.creditsPerPeriod, 'credit')} ${every(plan)}${seats ? ', for each seat' : ''}`),
      plan.trialDays > 0 && el('li', `First ${plural(plan.trialDays, 'day')} free, the first time; cancel before and pay nothing`),
      saved && el('li', `${money(saved.monthly)} a month, paid yearly`)),
    seats?.node,
    action);

  /** @param {Own} own @param {Plan[]} plans */
  function show({ subscriptions }, plans) {
    const family = new Set(plans.filter(other => other.family === plan.family).map(other => other.id));
    const live = subscriptions.find(subscription => subscription.planId && family.has(subscription.planId));
    const isThis = live?.planId === plan.id;
    replace(badges,
      isThis ? el('span', { class: 'badge info' }, 'Your plan')
      : saved ? el('span', { class: 'badge good' }, `Save ${saved.percent}%`)
      : plan.trialDays > 0 && el('span', { class: 'badge info' }, `${plan.trialDays} days free`));
    if (seats) seats.node.hidden = Boolean(live);
    replace(action, live
      ? el('a', { class: 'button', href: '/account#subscription', 'aria-label': isThis ? `Manage: ${plan.name}` : `Change to this: ${plan.name}` }, isThis ? 'Manage' : 'Change to this')
      : buying);
  }

  return { plan, card, show };
}

/** @param {Plan} plan */
function seatsField(plan) {
  const id = freshId('seats');
  const total = el('span', { 'aria-live': 'polite' });
  const input = el('input', { id, class: 'quantity', name: 'quantity', type: 'number', min: 1, max: plan.maximumQuantity, step: 1, inputmode: 'numeric', value: 1, required: true });
  // What is out of bounds is the API's to refuse.
  const quantity = () => Number.isInteger(input.valueAsNumber) ? input.valueAsNumber : 0;
  const show = () => replace(total, input.validity.valid && quantity() > 1 ? `${money({ ...plan.price, amount: plan.price.amount * quantity() })} ${every(plan)}` : '');
  input.addEventListener('input', show);
  const node = el('div', { class: 'field' },
    el('label', { for: id }, 'Seats'),
    el('div', { class: 'row' }, input, total),
    el('p', { class: 'hint' }, `Up to ${count(plan.maximumQuantity)}`));
  return { node, quantity };
}

/**
 * How much less a year costs than twelve months of the plan that gives the same: only then is it a saving.
 * @param {Plan} plan
 * @param {Plan[]} plans
 */
function saving(plan, plans) {
  if (plan.interval !== 'year') return null;
  const months = 12 * plan.intervalCount;
  const same = plans.find(other => other.interval === 'month' && other.family === plan.family && other.price.currency === plan.price.currency
    && other.creditsPerPeriod * (months / other.intervalCount) === plan.creditsPerPeriod && other.maximumQuantity === plan.maximumQuantity);
  if (!same) return null;
  const whole = same.price.amount * (months / same.intervalCount);
  const percent = Math.floor(100 * (whole - plan.price.amount) / whole);
  return percent >= 1 ? { percent, monthly: { ...plan.price, amount: Math.round(plan.price.amount / months) } } : null;
}

/** @param {Plan} plan */
const every = ({ interval, intervalCount }) => intervalCount === 1 ? `a ${interval}` : `every ${intervalCount} ${interval}s`;

/** @param {string} word */
const title = word => word.charAt(0).toUpperCase() + word.slice(1);

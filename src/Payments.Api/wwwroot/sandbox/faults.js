// @ts-check
import { byId, el, freshId, replace } from '../assets/dom.js';
import { busy, problem, toast } from '../assets/frame.js';
import { control } from './controls.js';

/** @typedef {Record<'deliveries' | 'api', Record<string, number>>} Faults shares from 0 to 1 */

/** @type {[keyof Faults, string, [string, string, string][]][]} */
const groups = [
  ['deliveries', 'Webhooks', [
    ['duplicate', 'Twice', 'sent two times'],
    ['reorder', 'Out of order', 'held until later ones have passed'],
    ['delay', 'Late', 'held for seconds'],
    ['drop', 'Lost', 'only sending again brings it'],
    ['badSignature', 'Wrong signature', 'signed with a secret nobody knows'],
  ]],
  ['api', 'Calls to Stripe', [
    ['error', 'Error', 'answered 500'],
    ['rateLimit', 'Rate limit', 'answered 429'],
    ['cutBeforeEffect', 'Cut off before', 'no answer, and nothing was done'],
    ['cutAfterEffect', 'Cut off after', 'no answer, yet it was done'],
    ['slow', 'Slow', 'answered after seconds'],
  ]],
];

/** @type {Faults} */
const storm = { deliveries: { duplicate: 0.5, reorder: 0.5, drop: 0.2 }, api: { error: 0.2, cutAfterEffect: 0.1 } };

/** @param {Element} section */
export async function faults(section) {
  /** @type {Map<HTMLInputElement, [keyof Faults, string]>} */
  const inputs = new Map();
  const set = el('button', { class: 'button primary', type: 'submit' }, 'Set');
  const rough = el('button', { class: 'button', type: 'button' }, 'Rough weather');
  const none = el('button', { class: 'button', type: 'button' }, 'None');
  const form = el('form', { class: 'stack', novalidate: true },
    el('div', { class: 'shares' }, groups.map(([group, title, kinds]) => el('fieldset', el('legend', title), kinds.map(([name, label, meaning]) => {
      const id = freshId('fault');
      const input = el('input', { id, name: `${group}.${name}`, type: 'number', min: 0, max: 100, step: 1, inputmode: 'numeric', required: true, value: 0 });
      inputs.set(input, [group, name]);
      return el('div', { class: 'field' }, el('div', { class: 'share' }, el('label', { for: id }, label, el('span', { class: 'hint' }, meaning)), input, el('span', '%')));
    })))),
    el('div', { class: 'row' }, set, rough, none));
  section.append(el('p', { class: 'muted' }, 'What share of them goes wrong. Whatever you set, what is paid for comes out right in the end.'), form);

  /** @param {Faults} now */
  const show = now => {
    for (const [input, [group, name]] of inputs) input.value = String(Math.round((now[group]?.[name] ?? 0) * 100));
    const any = [...inputs.keys()].some(input => input.value !== '0');
    replace(byId('faults-state'), el('span', { class: `badge ${any ? 'warn' : 'good'}` }, any ? 'Things go wrong' : 'All goes well'));
  };
  /** @returns {Faults} */
  const chosen = () => {
    /** @type {Faults} */
    const shares = { deliveries: {}, api: {} };
    for (const [input, [group, name]] of inputs) if (input.value !== '0') shares[group][name] = input.valueAsNumber / 100;
    return shares;
  };
  /** @param {HTMLElement} button @param {() => Promise<Faults>} change @param {string} done */
  const changing = (button, change, done) => busy(button, async () => {
    try {
      problem(form, null);
      show(await change());
      toast(done);
    } catch (error) {
      problem(form, error);
    }
  });

  form.addEventListener('submit', event => {
    event.preventDefault();
    void changing(set, () => control('faults', { method: 'POST', body: chosen() }), 'The faults are set.');
  });
  rough.addEventListener('click', () => changing(rough, () => control('faults', { method: 'POST', body: storm }), 'It is getting rough.'));
  none.addEventListener('click', () => changing(none, () => control('faults', { method: 'DELETE' }), 'Nothing goes wrong any more.'));
  show(await control('faults'));
}

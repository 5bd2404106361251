// @ts-check
import { goTo } from '../checkouts.js';
import { busy } from '../dialog.js';
import { byId, el, replace, svg } from '../dom.js';
import { problem } from '../problem.js';

/** How it ended, in one card: what `/success` and `/cancel` show. */

const marks = {
  good: 'M5 12.5l4.5 4.5L19 7.5',
  bad: 'M6 6l12 12M18 6L6 18',
  warn: 'M12 6v7M12 17.5v.5',
  waiting: 'M12 3a9 9 0 1 0 9 9',
};

/**
 * @param {object} outcome
 * @param {keyof typeof marks} outcome.mark
 * @param {string} outcome.title
 * @param {import('../dom.js').Child} [outcome.text]
 * @param {import('../dom.js').Child} [outcome.details]
 * @param {import('../dom.js').Child} [outcome.actions]
 */
export function showOutcome({ mark, title, text, details, actions }) {
  document.title = `${title} · Payments`;
  replace(byId('outcome'),
    el('span', { class: `outcome-mark ${mark}`, 'aria-hidden': 'true' }, svg('svg', { viewBox: '0 0 24 24' }, svg('path', { d: marks[mark] }))),
    el('h1', title),
    text && el('p', { class: 'muted' }, text),
    details,
    actions && el('div', { class: 'row' }, actions));
}

/** @param {string} text @param {{ openPage: { url: string } | null }} payment */
export function goOn(text, { openPage }) {
  if (!openPage) return null;
  const button = el('button', { class: 'button primary', type: 'button' }, text);
  button.addEventListener('click', () => busy(button, () => goTo(openPage.url).catch(error => problem(byId('outcome'), error))));
  return button;
}

export const toShop = (text = 'Back to the shop') => el('a', { class: 'button', href: '/' }, text);
export const toAccount = () => el('a', { class: 'button primary', href: '/account' }, 'To your account');

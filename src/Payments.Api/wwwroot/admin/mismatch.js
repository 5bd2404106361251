// @ts-check
import { api, postOfForm } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { money } from '../assets/format.js';
import { confirmDialog, toast } from '../assets/frame.js';
import { reasonField, reasonOf } from './forms.js';
import { may } from './roles.js';

/** Money that came in and is not what was agreed waits until an admin says what becomes of it. */

/** @param {Record<string, any>} payment @param {() => Promise<void>} reload */
export function decide(payment, reload) {
  const { mismatch } = payment;
  return el('div', { class: 'notice warn' },
    el('p', el('strong', 'Undecided: '), `${money(mismatch.asked)} was asked for and ${money(mismatch.taken)} came in, where ${money(payment.amount)} was agreed. Nothing has been granted.`),
    may.administer
      ? el('p', { class: 'row' },
        el('button', { class: 'button', type: 'button', on: { click: () => void ask(payment, accept, reload) } }, 'Accept it…'),
        el('button', { class: 'button', type: 'button', on: { click: () => void ask(payment, giveBack, reload) } }, 'Give it back…'))
      : el('p', 'An admin decides on it.'));
}

/** @typedef {{ send: (id: string, body: { reason: string | null }, post: typeof api.post) => Promise<unknown>, title: string, body: (payment: Record<string, any>) => string, action: string, done: string }} Decision */

/** @type {Decision} */
const accept = {
  send: (id, body, post) => post(`admin/payments/${id}/mismatch/accept`, body),
  title: 'Take it for what was agreed?', action: 'Accept', done: 'Accepted: what was bought is granted.',
  body: payment => `${money(payment.mismatch.taken)} counts as the price, and what was bought is granted.`,
};

/** @type {Decision} */
const giveBack = {
  send: (id, body, post) => post(`admin/payments/${id}/mismatch/refund`, body),
  title: 'Give the money back?', action: 'Give back', done: 'The money is on its way back.',
  body: payment => `${money(payment.mismatch.taken)} goes back to the buyer, and the purchase has come to nothing.`,
};

/** @param {Record<string, any>} payment @param {Decision} decision @param {() => Promise<void>} reload */
async function ask(payment, decision, reload) {
  const post = postOfForm();
  const done = await confirmDialog({
    title: decision.title,
    body: el('div', { class: 'stack' }, el('p', decision.body(payment)), reasonField({ hint: 'For the audit log.' })),
    action: decision.action,
    run: form => decision.send(payment.id, { reason: reasonOf(form) }, post),
  });
  if (!done) return;
  toast(decision.done);
  await reload();
}

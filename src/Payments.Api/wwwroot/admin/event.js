// @ts-check
import { api } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { at, card, copyable, facts, headBelow, paymentLink, region, section, statusBadge } from './parts.js';
import { replayOne } from './replay.js';
import { may } from './roles.js';

/** One stored event: what became of it, and what it says. */

/** @type {import('./admin.js').View} */
export function view({ path: [id], signal }) {
  const page = region(async () => draw(await api.get(`admin/webhook-events/${encodeURIComponent(id)}`), again), { lines: 8, class: 'stack loose' });

  /** Shows what comes of it: a replayed event is processed in a moment. */
  async function again() {
    for (let look = 0; look < 5 && !signal.aborted; look++) {
      await page.reload();
      if (page.node.querySelector('[data-status]')?.getAttribute('data-status') !== 'pending') return;
      await new Promise(resolve => setTimeout(resolve, 800));
    }
  }

  return el('div', { class: 'stack loose' }, headBelow('events', 'Webhook events', 'Webhook event'), page.node);
}

/** @param {{ event: Record<string, any>, payload: unknown }} detail @param {() => Promise<void>} again */
function draw({ event, payload }, again) {
  return [
    el('div', { class: 'card summary', dataset: { status: event.status } },
      el('div', { class: 'spread' },
        el('p', { class: 'big' }, el('code', event.type), ' ', statusBadge(event.status)),
        may.administer && el('button', { class: 'button', type: 'button', on: { click: async () => { if (await replayOne(/** @type {any} */ (event))) await again(); } } }, 'Replay…')),
      event.lastError && el('div', { class: `notice ${event.status === 'dead' ? 'bad' : 'warn'}` }, el('p', el('strong', event.status === 'processed' ? 'What went wrong before' : 'Why')), el('p', { class: 'wraps' }, event.lastError)),
      explanations[event.status] && el('p', { class: 'muted' }, explanations[event.status])),
    el('div', { class: 'split' },
      section('Payload', el('p', { class: 'hint' }, 'As it was sent; secrets are masked.'), el('pre', typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2))),
      card('Facts', facts([
        ['Id', copyable(event.id)],
        ['Payment', event.paymentId && paymentLink(event.paymentId)],
        ['Object', copyable(event.objectId)],
        ['Its intent', copyable(event.relatedId)],
        ['Happened', at(event.createdAt)],
        ['Received', at(event.receivedAt)],
        ['Processed', event.processedAt && at(event.processedAt)],
        ['Next try', event.nextAttemptAt && at(event.nextAttemptAt)],
        ['Tries', event.attempts],
        ['API version', event.apiVersion],
        ['Live mode', event.livemode ? 'yes' : 'no'],
      ]))),
  ];
}

/** @type {Record<string, string>} */
const explanations = {
  pending: 'It waits for a worker, or for its next try.',
  unhandled: 'Nothing here acts on events of this type. It is kept for a later version.',
  foreign: 'It is about something that is neither ours nor of a customer we know.',
  mismatched: 'It is of another Stripe account, or of test mode where this is live or the other way round. It is never applied.',
  parked: 'It was applied to nothing until a person decides, on the payment’s page.',
  dead: 'It failed at every try. Put right what stood in its way, then replay it.',
};

// @ts-check
import { el, freshId, replace } from '../assets/dom.js';
import { busy, problem, toast } from '../assets/frame.js';
import { plural, when } from '../assets/format.js';
import { table } from '../assets/table.js';
import { control } from './controls.js';

/**
 * @typedef {object} Delivery
 * @property {string} eventId
 * @property {string} type
 * @property {string} created
 * @property {{ at: string, status: number | null, error: string | null, fault: string | null }[]} attempts
 * @property {number} attemptCount
 * @property {boolean} delivered
 * @property {string | null} nextAttemptAt
 */

const step = 15;

/**
 * @param {Element} section
 * @returns {() => Promise<void>} looks again
 */
export function deliveries(section) {
  const id = freshId('status');
  const status = el('select', { id }, [['', 'All'], ['delivered', 'Delivered'], ['pending', 'On their way'], ['failed', 'Given up']].map(([value, text]) => el('option', { value }, text)));
  const all = el('button', { class: 'button', type: 'button' }, 'Send again what did not arrive');
  const more = el('button', { class: 'button', type: 'button', hidden: true }, 'Show more');
  const list = el('div');
  section.append(el('div', { class: 'toolbar spread' }, el('div', { class: 'field' }, el('label', { for: id }, 'Show'), status), all), list, el('div', more));

  let limit = step;
  let shown = '';

  async function look() {
    const { items, hasMore } = await control(`deliveries?limit=${limit}${status.value && `&status=${status.value}`}`);
    more.hidden = !hasMore;
    const now = JSON.stringify(items);
    if (now === shown) return; // Nothing new: whoever is on one of the buttons stays there.
    shown = now;
    const focused = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.event : undefined;
    replace(list, items.length === 0 ? el('p', { class: 'empty' }, 'No deliveries to show. Buy something, and they come.') : table({ caption: 'Webhook deliveries, newest first', columns: columns(again), rows: items }));
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-event="${CSS.escape(focused)}"]`))?.focus();
  }

  const again = (/** @type {HTMLElement} */ button, /** @type {Delivery} */ delivery) => doing(button, async () => {
    const attempt = await control(`deliveries/${encodeURIComponent(delivery.eventId)}/resend`, { method: 'POST', body: {} });
    toast(`Sent again: ${answer(attempt)}.`, attempt.status === 200 ? 'good' : 'bad');
  });
  all.addEventListener('click', () => doing(all, async () => {
    const { resent, delivered, failed } = await control('deliveries/resend-undelivered', { method: 'POST', body: {} });
    toast(resent === 0 ? 'All had arrived.' : `${plural(resent, 'event')} sent again: ${delivered} arrived${failed ? `, ${failed} did not` : ''}.`, failed ? 'bad' : 'good');
  }));
  status.addEventListener('change', () => doing(status, async () => { limit = step; }));
  more.addEventListener('click', () => doing(more, async () => { limit += step; }));

  /** @param {HTMLElement} control @param {() => Promise<void>} work */
  const doing = (control, work) => busy(control, async () => {
    try {
      problem(section, null);
      await work();
      await look();
    } catch (error) {
      problem(section, error);
    }
  });

  return look;
}

/** @param {(button: HTMLElement, delivery: Delivery) => void} again @returns {import('../assets/table.js').Column<Delivery>[]} */
const columns = again => [
  { title: 'Event', header: true, cell: d => el('span', d.type, el('br'), el('code', { class: 'muted' }, d.eventId)) },
  { title: 'Time', cell: d => when(d.created) },
  { title: 'Tries', numeric: true, cell: d => d.attemptCount },
  { title: 'Last answer', cell: d => el('span', badge(d), ' ', el('span', { class: 'muted small' }, answer(d.attempts.at(-1)))) },
  {
    title: 'Action', quiet: true, cell: d => {
      const button = el('button', { class: 'button small', type: 'button', 'aria-label': `Send again: ${d.type} ${d.eventId}`, dataset: { event: d.eventId } }, 'Send again');
      button.addEventListener('click', () => again(button, d));
      return button;
    },
  },
];

/** @param {Delivery} d */
const badge = d => d.delivered ? el('span', { class: 'badge good' }, 'Delivered') : d.nextAttemptAt ? el('span', { class: 'badge warn' }, 'On its way') : el('span', { class: 'badge bad' }, 'Given up');

/** @param {{ status: number | null, error: string | null, fault: string | null } | undefined} attempt */
const answer = attempt => attempt ? `${attempt.status ?? attempt.error ?? 'no answer'}${attempt.fault ? ` (${attempt.fault})` : ''}` : 'not sent yet';

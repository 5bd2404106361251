// @ts-check
import { api, postOfForm } from '../assets/api.js';
import { el } from '../assets/dom.js';
import { plural } from '../assets/format.js';
import { confirmDialog, toast } from '../assets/frame.js';
import { facts, words } from './parts.js';
import { reasonField, reasonOf } from './forms.js';

/** Events once more. Their effects happen once all the same; still, how many it are is said first. */

/** @param {{ id: string, type: string }} event @returns {Promise<boolean>} */
export async function replayOne(event) {
  const post = postOfForm();
  const done = await confirmDialog({
    title: 'Replay this event?',
    body: el('div', { class: 'stack' }, el('p', el('code', event.type), ' is processed again. What it has done already it does not do twice.'), reasonField({ hint: 'For the audit log.' })),
    action: 'Replay',
    run: form => post(`admin/webhook-events/${encodeURIComponent(event.id)}/replay`, { reason: reasonOf(form) }),
  });
  if (done) toast('The event is processed again.');
  return done !== null;
}

/** @param {Record<string, string | null>} filter as the list shows it @param {() => Promise<void>} reload */
export async function replayMany(filter, reload) {
  const wanted = Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
  let expectedCount;
  try {
    expectedCount = (await api.post('admin/webhook-events/replay', { ...wanted, dryRun: true })).count;
  } catch (error) {
    toast(error instanceof Error ? error.message : 'The events could not be counted.', 'bad');
    return;
  }

  if (expectedCount === 0) {
    toast('No event matches this filter.', 'info');
    return;
  }

  const post = postOfForm();
  const done = /** @type {{ count: number } | null} */ (await confirmDialog({
    title: `Replay ${plural(expectedCount, 'event')}?`,
    body: el('div', { class: 'stack' },
      facts(Object.entries(wanted).map(([name, value]) => [words(name), value])),
      el('p', 'They are processed again, those too that went well before. Should another number match by then, nothing is replayed.'),
      reasonField({ hint: 'For the audit log.' })),
    action: `Replay ${plural(expectedCount, 'event')}`,
    run: form => post('admin/webhook-events/replay', { ...wanted, dryRun: false, expectedCount, reason: reasonOf(form) }),
  }));
  if (!done) return;
  toast(`${plural(done.count, 'event')} replayed.`);
  await reload();
}

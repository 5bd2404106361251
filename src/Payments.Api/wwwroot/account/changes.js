// @ts-check
/** Who changed something says what; who shows it reads again. Several in a moment are one. */

/** @typedef {'credits' | 'payments' | 'invoices' | 'subscriptions' | 'purchases' | 'orders' | 'cards' | 'notifications' | 'everything'} Topic */

/** @type {Set<(topics: Set<string>) => void>} */
const listeners = new Set();
/** @type {Set<string>} */
let waiting = new Set();

/** What has happened comes as a handful of events; reading once for all of them is enough. */
const pause = 150;

/** @param {...Topic} topics */
export function changed(...topics) {
  if (waiting.size === 0) setTimeout(tell, pause);
  for (const topic of topics) waiting.add(topic);
}

/** @param {(topics: Set<string>) => void} listener */
export function onChanged(listener) {
  listeners.add(listener);
}

function tell() {
  const topics = waiting;
  waiting = new Set();
  for (const listener of listeners) listener(topics);
}

// @ts-check
import { session, sessionChanged } from './session.js';

/**
 * What happens, as it happens: `GET notifications/stream`, read by fetch since EventSource sends no bearer token.
 *
 * @typedef {object} Notice
 * @property {'credits' | 'payment' | 'subscription' | 'notification' | 'resync'} event `resync`: some may have been missed, read again
 * @property {Record<string, any>} data `credits`: { credits }; `payment`: { paymentId, event }; `subscription`: { subscriptionId, event }; `notification`: { id, type, createdAt }
 */

const longestWait = 30_000;

/** @type {Set<(notice: Notice) => void>} */
const listeners = new Set();
/** @type {AbortController | null} the one connection of this page, however many listen */
let connection = null;
/** @type {Notice | null} */
let lastCredits = null;

/**
 * Tells of everything from now on (the balance at once) while somebody is signed in and the page is visible: a browser
 * has but six HTTP/1.1 connections to a host, which forgotten tabs must not use up. Coming back, it says `resync`.
 * @param {(notice: Notice) => void} onNotice
 * @returns {() => void} stop
 */
export function live(onNotice) {
  listeners.add(onNotice);
  if (lastCredits) onNotice(lastCredits);
  connect();
  return () => {
    listeners.delete(onNotice);
    if (listeners.size === 0) disconnect();
  };
}

function connect() {
  if (connection || !session.token || document.hidden || listeners.size === 0) return;
  connection = new AbortController();
  void follow(connection.signal);
}

function disconnect() {
  connection?.abort();
  connection = null;
}

document.addEventListener('visibilitychange', () => document.hidden ? disconnect() : connect());
window.addEventListener('pagehide', disconnect);
window.addEventListener('pageshow', connect);
window.addEventListener(sessionChanged, () => {
  disconnect();
  lastCredits = null;
  connect();
});

let connectedBefore = '';

/** @param {AbortSignal} signal */
async function follow(signal) {
  for (let wait = 1000; !signal.aborted; wait = Math.min(wait * 2, longestWait)) {
    try {
      const token = session.token;
      const response = await fetch('/api/v1/notifications/stream', { headers: { Accept: 'text/event-stream, application/problem+json', Authorization: `Bearer ${token}` }, credentials: 'omit', cache: 'no-store', signal });
      // A token that is not good any more gets no better by waiting.
      if (response.status === 401 || response.status === 403) return;
      if (response.ok && response.body) {
        wait = 1000;
        if (connectedBefore === token) tell({ event: 'resync', data: {} });
        connectedBefore = token ?? '';
        await read(response.body);
      }
    } catch {
      // Cut off, or never reached: try again.
    }

    await pause(wait * (0.75 + Math.random() / 2), signal);
  }
}

/** @param {ReadableStream<Uint8Array>} body */
async function read(body) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  for (let text = ''; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop() ?? '';
    for (const block of blocks) dispatch(block);
  }
}

/** @param {string} block one event: lines of `field: value`; comments begin with a colon */
function dispatch(block) {
  let event = 'message';
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith('event:')) event = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5).trim());
  }

  if (data.length === 0) return;
  const notice = /** @type {Notice} */ ({ event, data: JSON.parse(data.join('\n')) });
  if (event === 'credits') lastCredits = notice;
  tell(notice);
}

/** @param {Notice} notice */
function tell(notice) {
  for (const listener of [...listeners]) listener(notice);
}

/** @param {number} milliseconds @param {AbortSignal} signal */
const pause = (milliseconds, signal) => new Promise(resolve => {
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(undefined); }, { once: true });
});

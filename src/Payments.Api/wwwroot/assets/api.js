// @ts-check
import { session, signOut } from './session.js';

/** Calls to `/api/v1/…`. What the API refuses is thrown as an {@link ApiProblem}. */
export const api = {
  /** @param {string} path @param {Options} [options] */
  get: (path, options) => call('GET', path, undefined, options),
  /** @param {string} path @param {unknown} [body] @param {Options} [options] */
  post: (path, body, options) => call('POST', path, body, options),
  /** @param {string} path @param {unknown} [body] @param {Options} [options] */
  put: (path, body, options) => call('PUT', path, body, options),
  /** @param {string} path @param {unknown} [body] @param {Options} [options] */
  delete: (path, body, options) => call('DELETE', path, body, options),

  /**
   * One page of a list, from where the last one ended.
   * @template [T=any]
   * @param {string} path
   * @param {string | null} [cursor]
   * @param {Options} [options]
   * @returns {Promise<{ items: T[], nextCursor: string | null }>}
   */
  page: (path, cursor, options) => call('GET', cursor ? withQuery(path, { cursor }) : path, undefined, options),

  /**
   * The items of each page, until there is none left: `for await (const items of api.pages('orders'))`.
   * @param {string} path
   * @param {Options} [options]
   */
  async *pages(path, options) {
    /** @type {string | null} */
    let cursor = null;
    do {
      /** @type {{ items: any[], nextCursor: string | null }} */
      const page = await api.page(path, cursor, options);
      yield page.items;
      cursor = page.nextCursor;
    } while (cursor);
  },

  /**
   * A file that only its owner may read (an export): fetched with the token, then handed to the browser to keep.
   * @param {string} path
   * @param {string} name
   */
  async download(path, name) {
    const response = await send('GET', path);
    const address = URL.createObjectURL(await response.blob());
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  },
};

/**
 * @typedef {object} Options
 * @property {string} [idempotencyKey] kept for as long as the caller means the same thing, so that a second click or a retry does it once
 * @property {AbortSignal} [signal]
 * @property {string} [token] in place of that of who is signed in
 */

/**
 * @typedef {object} ProblemDetails RFC 9457
 * @property {number} [status]
 * @property {string} [code]
 * @property {string} [title]
 * @property {string} [detail]
 * @property {Record<string, string[]>} [errors]
 * @property {string} [traceId]
 */

/** An answer that is no success, or none at all: then its status is 0 and its code `network`. */
export class ApiProblem extends Error {
  /** @param {ProblemDetails} problem */
  constructor(problem) {
    super(problem.detail || problem.title || 'The API could not be reached.');
    this.name = 'ApiProblem';
    this.status = problem.status ?? 0;
    /** Stable, to decide by; the detail is for people. */
    this.code = problem.code ?? 'network';
    this.title = problem.title ?? '';
    this.detail = problem.detail ?? this.message;
    /** @type {Record<string, string[]>} what is wrong with which field */
    this.errors = problem.errors ?? {};
    this.traceId = problem.traceId ?? '';
  }
}

/** A key for one intention: one click, one form. */
export const newKey = () => crypto.randomUUID();

/**
 * `api.post` for one form: sent again as it is, it is the same request; corrected, it is another one, for a key stays with
 * what it was first sent with, refused or not.
 * @returns {typeof api.post}
 */
export function postOfForm() {
  /** @type {Map<string, string>} */
  const keys = new Map();
  return (path, body, options) => {
    const text = JSON.stringify([path, body]);
    const idempotencyKey = keys.get(text) ?? newKey();
    keys.set(text, idempotencyKey);
    return api.post(path, body, { ...options, idempotencyKey });
  };
}

/**
 * The path with these parameters; those that are null, undefined or empty are left out.
 * @param {string} path
 * @param {Record<string, string | number | boolean | null | undefined>} parameters
 */
export function withQuery(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }

  const text = query.toString();
  return text ? path + (path.includes('?') ? '&' : '?') + text : path;
}

/** @param {string} method @param {string} path @param {unknown} [body] @param {Options} [options] */
async function call(method, path, body, options) {
  const response = await send(method, path, body, options);
  return response.status === 204 ? null : await response.json();
}

/** @param {string} method @param {string} path @param {unknown} [body] @param {Options} [options] */
async function send(method, path, body, { idempotencyKey, signal, token = session.token ?? undefined } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json, text/csv' };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (idempotencyKey) headers['Idempotency-Key'] = idempotencyKey;

  let response;
  try {
    response = await fetch(`/api/v1/${path.replace(/^\//, '')}`, {
      method, headers, signal, credentials: 'omit', body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem({ detail: 'The API could not be reached. Check the connection and try again.' });
  }

  if (!response.ok) {
    // A token that is no longer good is no token; the same one only, as somebody else may have signed in meanwhile.
    if (response.status === 401 && token && token === session.token) signOut();
    throw await problemOf(response);
  }

  return response;
}

/** @param {Response} response */
async function problemOf(response) {
  try {
    return new ApiProblem({ status: response.status, ...await response.json() });
  } catch {
    return new ApiProblem({ status: response.status, code: 'unreadable', title: response.statusText, detail: `The answer was ${response.status} ${response.statusText}, without a reason.` });
  }
}

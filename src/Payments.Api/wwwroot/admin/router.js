// @ts-check
/**
 * The admin pages are one document; which of them is shown stands after the `#`, so that a payment's page can be linked
 * and Back works. What is looked for stands there too, and never leaves the browser in an address.
 */

/**
 * @typedef {object} Here
 * @property {string[]} path `#/payments/1` → ['payments', '1']
 * @property {URLSearchParams} query
 */

/** @returns {Here} */
export function here() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query ?? '') };
}

/**
 * The address of a page: `to(['payments', id])`, `to('payments', { status: 'failed' })`; what is empty is left out.
 * @param {string | string[]} path
 * @param {Record<string, string | null | undefined>} [query]
 */
export function to(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  const text = parameters.toString();
  return `#/${[path].flat().map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`;
}

/** Goes there; drawn again even when it is where one is. @param {string} address */
export function go(address) {
  if (location.hash === address) window.dispatchEvent(new HashChangeEvent('hashchange'));
  else location.hash = address;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // An address that somebody typed.
  }
}

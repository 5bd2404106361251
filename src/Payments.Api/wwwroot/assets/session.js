// @ts-check
/**
 * Who is signed in. The token lives in this tab's sessionStorage and nowhere else: not in a cookie (so no other site can
 * ride on it), not in an address, not beyond the tab.
 */

const place = 'payments.token';

/** Fired on `window` whenever somebody signs in or out. */
export const sessionChanged = 'payments:session';

/** What the token says, for showing only: whether it is true, the API decides at every call. */
export const session = {
  /** @returns {string | null} */
  get token() { return sessionStorage.getItem(place); },
  /** @returns {Record<string, any> | null} */
  get claims() { return decoded(this.token); },
  /** @returns {string[]} */
  get roles() { return [this.claims?.roles ?? []].flat(); },
  /** Whether the admin pages have anything for them. */
  get isStaff() { return this.roles.some(role => role === 'admin' || role === 'support' || role === 'finance'); },
  /** A name to greet by. */
  get name() { return String(this.claims?.name ?? this.claims?.email ?? this.claims?.sub ?? ''); },
};

/**
 * @param {string} token
 * @throws {Error} when it does not even look like a token
 */
export function signIn(token) {
  if (!decoded(token)) throw new Error('This is no JSON Web Token: it has three parts, separated by dots.');
  sessionStorage.setItem(place, token);
  window.dispatchEvent(new CustomEvent(sessionChanged));
}

export function signOut() {
  sessionStorage.removeItem(place);
  window.dispatchEvent(new CustomEvent(sessionChanged));
}

/** @param {string | null} token @returns {Record<string, any> | null} */
function decoded(token) {
  try {
    const parts = (token ?? '').split('.');
    if (parts.length !== 3) return null;
    const bytes = Uint8Array.from(atob(parts[1].replaceAll('-', '+').replaceAll('_', '/')), char => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' ? claims : null;
  } catch {
    return null;
  }
}

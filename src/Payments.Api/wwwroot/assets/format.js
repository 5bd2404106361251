// @ts-check
/** Amounts, numbers and times as the reader's own language writes them. */

// As the payment provider counts, which is how the API does (src/Payments.Domain/Shared/Currency.cs). Browsers disagree
// on some of them: for ISK and UGX they know no decimals, yet amounts come in hundredths.
const zeroDecimal = new Set(['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf']);
const threeDecimal = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);
const wholeUnits = new Set(['isk', 'ugx']);

/** @typedef {{ amount: number, currency: string }} Money in minor units: 1999 is $19.99, or ¥1,999 */

/** @param {string} currency */
export const exponent = currency => zeroDecimal.has(currency) ? 0 : threeDecimal.has(currency) ? 3 : 2;

/**
 * `{ amount: 1999, currency: 'usd' }` → `$19.99`.
 * @param {Money} money
 */
export function money({ amount, currency }) {
  const digits = exponent(currency);
  const shown = wholeUnits.has(currency) && amount % 100 === 0 ? 0 : digits;
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: currency.toUpperCase(), minimumFractionDigits: shown, maximumFractionDigits: shown });
  // As decimal text, not as a quotient: no amount goes through binary fractions.
  return format.format(/** @type {any} */ (decimal(amount, digits)));
}

/**
 * What one of `n` costs, with as many decimals as it takes to tell: `{ amount: 999, currency: 'usd' }, 100` → `$0.0999`.
 * @param {Money} money
 * @param {number} n
 */
export function unitPrice({ amount, currency }, n) {
  const digits = exponent(currency);
  return new Intl.NumberFormat(undefined, { style: 'currency', currency: currency.toUpperCase(), minimumFractionDigits: wholeUnits.has(currency) ? 0 : digits, maximumFractionDigits: digits + 2 })
    .format(amount / 10 ** digits / n);
}

/**
 * What somebody typed, in minor units; null when it is not certain what they meant. One separator at most, for the
 * decimals: `1,999` could be two or two thousand, so it is no dollars.
 * @param {string} text
 * @param {string} currency
 * @returns {number | null}
 */
export function parseMoney(text, currency) {
  const digits = exponent(currency);
  const found = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  if (!found) return null;
  const fraction = found[2] ?? '';
  if (fraction.length > digits) return null;
  const minor = Number(found[1] + fraction.padEnd(digits, '0'));
  const step = threeDecimal.has(currency) ? 10 : wholeUnits.has(currency) ? 100 : 1;
  return Number.isSafeInteger(minor) && minor % step === 0 ? minor : null;
}

/** For an input: `{ amount: 1999, currency: 'usd' }` → `19.99`. @param {Money} money */
export const plainMoney = ({ amount, currency }) => decimal(amount, exponent(currency));

const numbers = new Intl.NumberFormat();
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** @param {number} n */
export const count = n => numbers.format(n);

/** A moment; a dash for none. @param {string | null | undefined} iso */
export const when = iso => iso ? moments.format(new Date(iso)) : '–';

/** The day of it. @param {string | null | undefined} iso */
export const day = iso => iso ? days.format(new Date(iso)) : '–';

/** `1 seat`, `2 seats`. @param {number} n @param {string} one @param {string} [many] */
export const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`;

/** @param {number} minor @param {number} digits */
function decimal(minor, digits) {
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return (minor < 0 ? '-' : '') + (digits ? `${whole}.${text.slice(-digits)}` : whole);
}

// @ts-check
import { plural } from '../assets/format.js';
import { words } from './parts.js';

/** Sums over the lines of `GET admin/analytics/revenue`. Whole minor units, so nothing is rounded. */

/**
 * @typedef {import('../assets/format.js').Money} Money
 * @typedef {{ period: string, kind: string, productId: string | null, productName: string | null, gross: Money, refunded: Money, lost: Money, net: Money, payments: number, refunds: number }} Line
 * @typedef {{ name: string, gross: number, refunded: number, lost: number, net: number, payments: number, refunds: number }} Sums in minor units
 * @typedef {'day' | 'month'} Unit
 */

/** Those of the lines that move the most payments first. @param {Line[]} lines */
export function currencies(lines) {
  const payments = new Map();
  for (const line of lines) payments.set(line.gross.currency, (payments.get(line.gross.currency) ?? 0) + line.payments);
  return [...payments].sort((a, b) => b[1] - a[1]).map(([currency]) => currency);
}

/** @param {string} name @param {Line[]} lines all of one currency @returns {Sums} */
export function sums(name, lines) {
  const total = { name, gross: 0, refunded: 0, lost: 0, net: 0, payments: 0, refunds: 0 };
  for (const line of lines) {
    total.gross += line.gross.amount;
    total.refunded += line.refunded.amount;
    total.lost += line.lost.amount;
    total.net += line.net.amount;
    total.payments += line.payments;
    total.refunds += line.refunds;
  }

  return total;
}

/** What a line is of. @param {Line} line */
export const productOf = line => line.productName ?? { creditAmount: 'Free amounts of credits', order: 'Orders' }[line.kind] ?? words(line.kind);

/** @param {Line[]} lines */
export function byProduct(lines) {
  /** @type {Map<string, Line[]>} */
  const products = new Map();
  for (const line of lines) {
    const key = line.productId ?? line.kind;
    products.set(key, [...products.get(key) ?? [], line]);
  }

  return [...products.values()].map(its => sums(productOf(its[0]), its)).sort((a, b) => b.net - a.net || b.gross - a.gross);
}

/** Every period of the time, those too in which nothing happened. @param {Line[]} lines @param {Unit} unit @param {Date} from @param {Date} until not included */
export function byPeriod(lines, unit, from, until) {
  /** @type {Map<number, Line[]>} */
  const periods = new Map();
  for (let start = periodOf(from, unit); start < until.valueOf(); start = next(start, unit)) periods.set(start, []);
  for (const line of lines) periods.get(periodOf(new Date(line.period), unit))?.push(line);
  return [...periods].map(([start, its]) => sums(periodName(start, unit), its));
}

/** @param {Date} at @param {Unit} unit its first moment, UTC */
const periodOf = (at, unit) => Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), unit === 'day' ? at.getUTCDate() : 1);

/** @param {number} start @param {Unit} unit */
export function next(start, unit) {
  const at = new Date(start);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + (unit === 'month' ? 1 : 0), at.getUTCDate() + (unit === 'day' ? 1 : 0));
}

const names = {
  day: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
  month: new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric', timeZone: 'UTC' }),
};

/** @param {number | string} start @param {Unit} unit */
export const periodName = (start, unit) => names[unit].format(new Date(start));

/**
 * From when until when, in whole periods of UTC: as asked for, or the last 30 days or 12 months.
 * @param {Unit} unit
 * @param {Date} now
 * @param {string | null} first a day
 * @param {string | null} last a day, included
 */
export function timeOf(unit, now, first, last) {
  const end = last ? next(Date.parse(`${last}T00:00:00Z`), 'day') : next(periodOf(now, unit), unit);
  const at = new Date(end);
  const begin = first ? Date.parse(`${first}T00:00:00Z`) : unit === 'day' ? end - 30 * 86_400_000 : Date.UTC(at.getUTCFullYear() - 1, at.getUTCMonth(), 1);
  return { from: new Date(begin), until: new Date(end) };
}

/** @param {Sums} total */
export const countsOf = total => `${plural(total.payments, 'payment')}, ${plural(total.refunds, 'refund')}`;

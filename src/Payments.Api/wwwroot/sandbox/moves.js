// @ts-check

/** Words for a way through time. */

/** @type {[RegExp, string, number][]} pattern, ISO 8601's letter (those of hours after a T), how many of it */
const units = [
  [/^(y|year)s?$/, 'Y', 1], [/^(mo|month)s?$/, 'M', 1], [/^(w|week)s?$/, 'D', 7], [/^(d|day)s?$/, 'D', 1],
  [/^(h|hour)s?$/, 'TH', 1], [/^(m|min|minute)s?$/, 'TM', 1], [/^(s|sec|second)s?$/, 'TS', 1],
];

/**
 * `3 days`, `2h 30m`, `P1DT12H` → how far; `2027-01-31`, `2027-01-31 18:00` → up to when. Null when it is neither.
 * @param {string} text
 * @returns {{ advance: string } | { to: string } | null}
 */
export function parseMove(text) {
  const words = text.trim();
  if (/^P(?=.)/i.test(words)) return { advance: words.toUpperCase() };
  if (/^\d{4}-\d{2}-\d{2}/.test(words)) {
    // Without a zone it is the reader's own time, as everything on this page is shown in.
    const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(words) ? `${words}T00:00` : words.replace(' ', 'T'));
    return Number.isNaN(date.getTime()) ? null : { to: date.toISOString() };
  }

  return durationOf(words.toLowerCase());
}

/** @param {string} words */
function durationOf(words) {
  const parts = [...words.matchAll(/(\d+)\s*([a-z]+)[\s,]*(?:and\s+)?/g)];
  if (parts.length === 0 || parts.map(part => part[0]).join('') !== words) return null;
  /** @type {Record<string, number>} */
  const sums = {};
  for (const [, number, word] of parts) {
    const unit = units.find(([pattern]) => pattern.test(word));
    if (!unit) return null;
    sums[unit[1]] = (sums[unit[1]] ?? 0) + Number(number) * unit[2];
  }

  const written = (/** @type {string[]} */ letters) => letters.filter(letter => sums[letter]).map(letter => `${sums[letter]}${letter.at(-1)}`).join('');
  const time = written(['TH', 'TM', 'TS']);
  return { advance: `P${written(['Y', 'M', 'D'])}${time && `T${time}`}` };
}

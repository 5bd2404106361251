// @ts-check
import { el } from '../assets/dom.js';
import { count, money } from '../assets/format.js';
import { table } from '../assets/table.js';
import { barChart } from './chart.js';
import { card, section, tile } from './parts.js';
import { periodName } from './revenue-books.js';

/** @typedef {{ month: string, atStart: number, started: number, churned: number, churnRate: number | null, trialsEnded: number, trialsConverted: number, trialConversion: number | null }} Month */

const percents = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

/** @param {number | null} rate 0.25 for a quarter */
const percent = rate => rate === null ? '–' : percents.format(rate);

/**
 * @param {{ recurring: import('../assets/format.js').Money[], active: number, trialing: number, pastDue: number, paused: number, months: Month[] }} figures as `GET admin/analytics/subscriptions` has them
 */
export function subscriptionsPart({ recurring, active, trialing, pastDue, paused, months }) {
  const names = months.map(one => periodName(one.month, 'month'));
  return section('Subscriptions',
    el('dl', { class: 'tiles' },
      tile('Monthly recurring', recurring.length > 0 ? recurring.map(money).join(' + ') : '–', 'Without discounts and tax'),
      tile('Active', count(active), pastDue > 0 && `and ${count(pastDue)} past due`), tile('In trial', count(trialing)), tile('Paused', count(paused))),
    el('div', { class: 'grid wide' },
      card('Begun and ended', barChart({
        title: 'Subscriptions begun and ended by month', periods: names, format: value => count(Math.abs(value)),
        series: [
          { name: 'Begun', mark: 'gross', values: months.map(one => one.started) },
          { name: 'Ended', mark: 'back', values: months.map(one => -one.churned) },
        ],
      })),
      card('Churn', barChart({
        title: 'Of those that paid at its beginning, how many ended in the month', periods: names, format: percent, unit: 0.05,
        series: [{ name: 'Churn', mark: 'back', values: months.map(one => one.churnRate) }],
      })),
      card('Trial conversion', barChart({
        title: 'Of the trials that ended in the month, how many were paid for afterwards', periods: names, format: percent, unit: 0.05,
        series: [{ name: 'Converted', mark: 'gross', values: months.map(one => one.trialConversion) }],
      }))),
    el('details', { class: 'card' }, el('summary', 'As a table'), table({
      caption: 'Subscriptions by month',
      rows: months,
      columns: [
        { title: 'Month', header: true, cell: one => periodName(one.month, 'month') },
        { title: 'Paying at its start', numeric: true, cell: one => count(one.atStart) },
        { title: 'Begun', numeric: true, cell: one => count(one.started) },
        { title: 'Ended', numeric: true, cell: one => count(one.churned) },
        { title: 'Churn', numeric: true, cell: one => percent(one.churnRate) },
        { title: 'Trials ended', numeric: true, cell: one => count(one.trialsEnded) },
        { title: 'Converted', numeric: true, cell: one => count(one.trialsConverted) },
        { title: 'Conversion', numeric: true, cell: one => percent(one.trialConversion) },
      ],
    })));
}

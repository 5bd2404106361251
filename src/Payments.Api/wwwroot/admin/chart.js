// @ts-check
import { el, replace, svg } from '../assets/dom.js';

/**
 * Charts for people who see them; the same figures stand in a table behind each. Drawn anew at every width, so that
 * letters keep their size.
 *
 * @typedef {object} Series
 * @property {string} name
 * @property {string} mark its class: gross, back, net, other
 * @property {(number | null)[]} values one a period; those below zero hang down
 *
 * @typedef {object} BarChart
 * @property {string} title
 * @property {string[]} periods
 * @property {Series[]} series bars that begin at zero, those of one sign on top of each other
 * @property {Series} [points] drawn over them
 * @property {(value: number) => string} format
 * @property {(value: number) => string} [tick] shorter, for the axis
 * @property {number} [unit] the axis has no smaller steps
 */

const height = 240;
const foot = 26;
const letter = 7; // pixels, about

/** @param {BarChart} chart */
export function barChart(chart) {
  const readout = el('p', { class: 'readout', 'aria-hidden': 'true' });
  const canvas = el('div', { class: 'chart' });
  const all = chart.points ? [...chart.series, chart.points] : chart.series;
  const tell = (/** @type {number | null} */ index) => replace(readout, index === null
    ? all.map(series => el('span', { class: `key ${series.mark}` }, series.name))
    : [el('strong', chart.periods[index]), all.map(series => el('span', { class: `key ${series.mark}` }, `${series.name} ${shown(chart, series.values[index])}`))]);
  tell(null);
  canvas.addEventListener('pointerleave', () => tell(null));
  redrawn(canvas, width => draw(chart, width, tell));
  return el('figure', { class: 'figure' }, canvas, readout);
}

/** @param {BarChart} chart @param {number | null} value */
const shown = (chart, value) => value === null ? '–' : chart.format(value);

/** @param {BarChart} chart @param {number} width @param {(index: number | null) => void} tell */
function draw(chart, width, tell) {
  const { periods, series, points, format, tick = format, unit = 1 } = chart;
  const sums = periods.map((_, index) => {
    const values = series.map(one => one.values[index] ?? 0);
    return { up: sum(values.filter(value => value > 0)), down: sum(values.filter(value => value < 0)) };
  });
  const highest = Math.max(0, ...sums.map(one => one.up), ...(points?.values ?? []).map(value => value ?? 0));
  const lowest = Math.min(0, ...sums.map(one => one.down), ...(points?.values ?? []).map(value => value ?? 0));
  const ticks = ticksOf(lowest, highest, unit);
  const [bottom, top] = [ticks[0], ticks[ticks.length - 1]];
  const left = Math.max(...ticks.map(value => tick(value).length)) * letter + 12;
  const y = (/** @type {number} */ value) => 8 + (height - foot - 8) * (top - value) / (top - bottom);
  const step = (width - left) / periods.length;
  const bar = Math.max(1, Math.min(32, step * 0.64));
  const x = (/** @type {number} */ index) => left + step * (index + 0.5);
  const every = Math.ceil((Math.max(...periods.map(period => period.length)) * letter + 12) / step);

  return svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${chart.title}. The table has the figures.` },
    ticks.map(value => [
      svg('line', { class: value === 0 ? 'axis' : 'gridline', x1: left, x2: width, y1: y(value), y2: y(value) }),
      svg('text', { class: 'label', x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, tick(value)),
    ]),
    periods.map((period, index) => {
      let [up, down] = [0, 0];
      return svg('g', { class: 'period', on: { pointerover: () => tell(index), pointerdown: () => tell(index) } },
        svg('rect', { class: 'hit', x: x(index) - step / 2, y: 0, width: step, height: height - foot }),
        series.map(({ mark, values }) => {
          const value = values[index] ?? 0;
          const from = value > 0 ? up : down;
          if (value > 0) up += value;
          else down += value;
          return value !== 0 && svg('rect', { class: `bar ${mark}`, x: x(index) - bar / 2, y: y(Math.max(from, from + value)), width: bar, height: Math.max(1, Math.abs(y(value) - y(0))), rx: Math.min(3, bar / 4) });
        }),
        index % every === 0 && svg('text', { class: 'label', x: x(index), y: height - 8, 'text-anchor': 'middle' }, period));
    }),
    points && points.values.map((value, index) => value !== null && svg('circle', { class: `dot ${points.mark}`, cx: x(index), cy: y(value), r: Math.min(3.5, Math.max(2, step / 3)) })));
}

/**
 * Names with a bar each, longest first as they are given.
 * @param {object} chart
 * @param {string} chart.title
 * @param {{ name: string, value: number, text: string }[]} chart.rows
 */
export function rowChart({ title, rows }) {
  const canvas = el('div', { class: 'chart' });
  const most = Math.max(1, ...rows.map(row => Math.abs(row.value)));
  const rowHeight = 46;
  redrawn(canvas, width => svg('svg', { width, height: rows.length * rowHeight, viewBox: `0 0 ${width} ${rows.length * rowHeight}`, role: 'img', 'aria-label': `${title}. The table has the figures.` },
    rows.map(({ name, value, text }, index) => {
      const room = Math.max(4, Math.floor(width / letter - text.length - 3));
      return [
        svg('text', { class: 'name', x: 0, y: index * rowHeight + 16 }, name.length > room ? `${name.slice(0, room - 1)}…` : name),
        svg('text', { class: 'name value', x: width, y: index * rowHeight + 16, 'text-anchor': 'end' }, text),
        svg('rect', { class: 'track', x: 0, y: index * rowHeight + 24, width, height: 8, rx: 4 }),
        svg('rect', { class: `bar ${value < 0 ? 'back' : 'gross'}`, x: 0, y: index * rowHeight + 24, width: Math.max(2, width * Math.abs(value) / most), height: 8, rx: 4 }),
      ];
    })));
  return el('figure', { class: 'figure' }, canvas);
}

/** @param {HTMLElement} node @param {(width: number) => SVGElement} drawing */
function redrawn(node, drawing) {
  let drawn = 0;
  new ResizeObserver(([{ contentRect: { width } }]) => {
    if (width < 1 || Math.round(width) === drawn) return;
    drawn = Math.round(width);
    replace(node, drawing(drawn));
  }).observe(node);
}

/** A few round numbers from below the lowest to above the highest. @param {number} lowest @param {number} highest @param {number} unit */
function ticksOf(lowest, highest, unit) {
  const raw = Math.max((highest - lowest) / 4, unit);
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find(factor => factor * magnitude >= raw * 0.999) ?? 10) * magnitude;
  const ticks = [];
  for (let n = Math.floor(lowest / step + 1e-9); n <= Math.ceil(highest / step - 1e-9); n++) ticks.push(n * step);
  return ticks.length > 1 ? ticks : [0, step];
}

/** @param {number[]} values */
const sum = values => values.reduce((total, value) => total + value, 0);

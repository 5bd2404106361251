// @ts-check
import { ApiProblem } from '../assets/api.js';
import { el, freshId, replace } from '../assets/dom.js';
import { busy, problem, toast } from '../assets/frame.js';
import { when } from '../assets/format.js';
import { control } from './controls.js';
import { parseMove } from './moves.js';

const presets = [['1 hour', 'PT1H'], ['1 day', 'P1D'], ['1 week', 'P7D'], ['1 month', 'P31DT3H'], ['1 year', 'P366D']];

/** @param {Element} section @param {() => void} moved */
export async function clock(section, moved) {
  const shown = el('time', { class: 'now' });
  const ahead = el('p', { class: 'muted' });
  const wait = el('p', { class: 'muted', role: 'status' });
  const id = freshId('move');
  const input = el('input', { id, name: 'move', autocomplete: 'off', spellcheck: 'false', placeholder: '3 days, or 2027-01-31 18:00' });
  const go = el('button', { class: 'button', type: 'submit' }, 'Move');
  const form = el('form', { novalidate: true },
    el('div', { class: 'field' },
      el('label', { for: id }, 'By, or up to'),
      el('div', { class: 'row nowrap' }, input, go)));
  section.append(
    el('div', shown, ahead),
    el('p', { class: 'muted small' }, 'Everybody’s time moves together: renewals are invoiced, holds and trials end, mails go out, each at its own moment.'),
    el('div', { class: 'row', role: 'group', 'aria-label': 'Move the time forward by' }, presets.map(([text, advance]) => {
      const button = el('button', { class: 'button small', type: 'button' }, text);
      button.addEventListener('click', () => move(button, { advance }));
      return button;
    })),
    form, wait);

  let offset = 0;
  const tick = () => {
    const now = new Date(Date.now() + offset);
    replace(shown, new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }).format(now));
    shown.dateTime = now.toISOString();
  };
  /** @param {{ now: string }} told */
  const show = ({ now }) => {
    offset = Date.parse(now) - Date.now();
    const days = Math.floor(offset / 86_400_000);
    const hours = Math.floor(offset / 3_600_000) % 24;
    replace(ahead, offset < 60_000 ? 'The real time.' : `${days ? `${days} d ` : ''}${hours ? `${hours} h ` : ''}${!days && !hours ? 'A little ' : ''}ahead of the real time.`);
    tick();
  };

  /** @param {HTMLElement} button @param {{ advance: string } | { to: string }} body */
  const move = (button, body) => busy(button, async () => {
    problem(form, null);
    const patience = setTimeout(() => replace(wait, 'What falls due on the way is being done; a long way takes a while.'), 1500);
    try {
      const told = await control('clock', { method: 'POST', body });
      show(told);
      toast(`It is ${when(told.now)} now.`);
      input.value = '';
      moved();
    } catch (error) {
      problem(form, error);
    } finally {
      clearTimeout(patience);
      replace(wait);
    }
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    const body = parseMove(input.value);
    if (body) void move(go, body);
    else problem(form, new ApiProblem({ status: 400, detail: 'This is no time.', errors: { move: ['Say how far (3 days, 2h 30m, P1DT12H) or up to when (2027-01-31 18:00).'] } }));
  });

  show(await control('clock'));
  setInterval(tick, 1000);
}

// The Dashboard: asks the controls under /sandbox/ and shows what they say. Everything is put in as text.
'use strict';

const byId = (id) => document.getElementById(id);

const call = async (path, body, method = body ? 'POST' : 'GET') => {
  const answer = await fetch(path, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.error?.message ?? `The sandbox answered ${answer.status}.`);
  return json;
};

const say = (text) => { byId('status').textContent = text; byId('alert').textContent = ''; };
const complain = (error) => { byId('status').textContent = ''; byId('alert').textContent = error.message; };

// ---- building ----

const cell = (content, className = '') => {
  const td = document.createElement('td');
  td.className = className;
  td.append(...[content].flat().filter((part) => part !== null && part !== undefined));
  return td;
};

const row = (...cells) => {
  const tr = document.createElement('tr');
  tr.append(...cells);
  return tr;
};

const pill = (text, kind = '') => {
  const span = document.createElement('span');
  span.className = `pill ${kind}`;
  span.textContent = text.replaceAll('_', ' ');
  return span;
};

// The button says what it does; its label says to what, for those who cannot see the row around it.
const button = (text, label, act, className = '') => {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = `small ${className}`;
  made.textContent = text;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', () => act(made));
  return made;
};

const time = (iso) => {
  const shown = document.createElement('time');
  shown.dateTime = iso;
  shown.textContent = iso.slice(0, 19).replace('T', ' ');
  return shown;
};

const fill = (name, rows) => {
  byId(`${name}-rows`).replaceChildren(...rows);
  byId(`${name}s-empty`).hidden = rows.length > 0;
};

// Does something, says so, and shows everything as it then is.
const doing = (act, done) => async (pressed) => {
  if (pressed) pressed.disabled = true;
  try {
    say(done(await act()));
    await refresh();
  } catch (error) {
    complain(error);
  } finally {
    if (pressed) pressed.disabled = false;
  }
};

// ---- payments ----

const paymentPill = (p) =>
  p.status === 'failed' ? pill('failed', 'bad')
  : p.disputed ? pill('disputed', 'bad')
  : p.refunded === 0 ? pill(p.status, p.status === 'succeeded' ? 'good' : '')
  : pill(p.refundable === 0 ? 'refunded' : 'partially refunded');

const showPayments = ({ items }) => fill('payment', items.map((p) => row(
  cell(time(p.created)),
  cell(p.charge, 'id'),
  cell([p.email ?? '–', document.createElement('br'), p.method ?? '']),
  cell(p.shownAmount, 'number'),
  cell(p.refunded ? p.shownRefunded : '–', 'number'),
  cell(paymentPill(p)),
  cell(p.refundable > 0 && !p.disputed ? [
    button('Refund', `Refund ${p.charge}`, () => askRefund(p)), ' ',
    button('Dispute', `Dispute ${p.charge}`, doing(() => call('/sandbox/disputes', { charge: p.charge }), (d) => `${d.id} is open.`)), ' ',
    button('Inquiry', `Open an inquiry about ${p.charge}`, doing(() => call('/sandbox/disputes', { charge: p.charge, inquiry: true }), (d) => `${d.id} is open.`)),
  ] : p.failure ?? ''),
)));

let refunding = null;

const decimals = (amount, exponent) => (amount / 10 ** exponent).toFixed(exponent);

const askRefund = (payment) => {
  refunding = payment;
  byId('refund-text').textContent = `${payment.charge} · ${payment.shownAmount} paid · at most ${decimals(payment.refundable, payment.exponent)} ${payment.currency} to refund`;
  byId('refund-amount').value = decimals(payment.refundable, payment.exponent);
  byId('refund-error').textContent = '';
  byId('refund').showModal();
  byId('refund-amount').select();
};

const sendRefund = async (e) => {
  e.preventDefault();
  const { charge, exponent } = refunding;
  const typed = byId('refund-amount').value.trim().replace(',', '.');
  if (!/^\d+(\.\d+)?$/.test(typed) || (typed.split('.')[1]?.length ?? 0) > exponent) {
    byId('refund-error').textContent = `Enter an amount with ${exponent ? `up to ${exponent}` : 'no'} decimals.`;
    return;
  }
  try {
    const refund = await call('/sandbox/refunds', { charge, amount: Math.round(Number(typed) * 10 ** exponent) });
    byId('refund').close();
    say(`${refund.id} is ${refund.status}.`);
    await refresh();
  } catch (error) {
    byId('refund-error').textContent = error.message;
  }
};

// ---- disputes ----

const isInquiry = (d) => d.status.startsWith('warning_') && d.status !== 'warning_closed';
const isOpen = (d) => isInquiry(d) || d.status === 'needs_response' || d.status === 'under_review';
const rule = (d, verdict) => doing(() => call(`/sandbox/disputes/${encodeURIComponent(d.id)}/${verdict}`, {}), (now) => `${now.id} is ${now.status.replaceAll('_', ' ')}.`);

const showDisputes = ({ items }) => fill('dispute', items.map((d) => row(
  cell(time(d.created)),
  cell([d.id, document.createElement('br'), d.charge], 'id'),
  cell(pill(d.reason)),
  cell(d.shownAmount, 'number'),
  cell(pill(d.status, d.status === 'won' || d.status === 'warning_closed' ? 'good' : d.status === 'lost' ? 'bad' : '')),
  cell(d.dueBy && isOpen(d) ? time(d.dueBy) : '–'),
  cell(isOpen(d) ? [
    button('Win', `Let the seller win ${d.id}`, rule(d, 'win')), ' ',
    button('Lose', `Let the seller lose ${d.id}`, rule(d, 'lose'), 'danger'), ' ',
    isInquiry(d) ? button('Escalate', `Make ${d.id} a chargeback`, rule(d, 'escalate')) : null,
  ] : ''),
)));

// ---- wiring ----

const parts = [
  ['/sandbox/payments', showPayments],
  ['/sandbox/disputes', showDisputes],
];

const refresh = () => Promise.all(parts.map(async ([path, show]) => show(await call(path))));

byId('refund-form').addEventListener('submit', sendRefund);
byId('refund-cancel').addEventListener('click', () => byId('refund').close());

refresh().catch(complain);

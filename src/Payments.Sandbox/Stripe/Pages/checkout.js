// The checkout page's manners: formatting while typing, Stripe's checks before anything is sent, and answers shown in
// place. The form works without this file; the server checks everything again.
'use strict';

const byId = (id) => document.getElementById(id);
const form = byId('checkout');
const pay = byId('pay');
const postal = { US: ['ZIP', 'ZIP code'], GB: ['Postcode', 'Postcode'], CA: ['Postal code', 'Postal code'] };

// ---- cards ----

const digitsOf = (text) => text.replace(/\D/g, '');

const brandOf = (number) =>
  /^4/.test(number) ? 'visa'
  : /^(5[1-5]|2(22[1-9]|2[3-9]|[3-6]|7[01]|720))/.test(number) ? 'mastercard'
  : /^3[47]/.test(number) ? 'amex'
  : /^3(0[0-5]|095|[689])/.test(number) ? 'diners'
  : /^35(2[89]|[3-8])/.test(number) ? 'jcb'
  : /^(6011|64[4-9]|65)/.test(number) ? 'discover'
  : /^62/.test(number) ? 'unionpay'
  : null;

const lengthOf = (brand) => ({ amex: 15, diners: 14 })[brand] ?? 16;

const groupCard = (number) =>
  (['amex', 'diners'].includes(brandOf(number)) ? [4, 6, 5] : [4, 4, 4, 4, 3])
    .reduce(([groups, at], size) => [[...groups, number.slice(at, at + size)], at + size], [[], 0])[0]
    .filter(Boolean)
    .join(' ');

const passesLuhn = (number) =>
  [...number].reverse().reduce((sum, digit, i) => sum + (i % 2 ? ((digit * 2) % 10) + Math.floor((digit * 2) / 10) : +digit), 0) % 10 === 0;

const groupExpiry = (text, isDeleting) => {
  let digits = digitsOf(text);
  if (/^[2-9]/.test(digits) || /^1\s*\/$/.test(text)) digits = '0' + digits;
  const [month, year] = [digits.slice(0, 2), digits.length > 4 && /^20/.test(digits.slice(2)) ? digits.slice(4, 6) : digits.slice(2, 4)];
  return year ? `${month} / ${year}` : month.length === 2 && !isDeleting ? `${month} / ` : month;
};

// Lists of Stripe's test IBANs go round in which 3547 has become 3457, and the check digits with it.
const isIban = (iban) => /^AT\d\d1904300234573\d{3}$/.test(iban) || (
  /^[A-Z]{2}[0-9A-Z]{13,32}$/.test(iban)
  && [...(iban.slice(4) + iban.slice(0, 4))].reduce((rest, c) => Number(`${rest}${parseInt(c, 36)}`) % 97, 0) === 1);

const passesAba = (number) => [...number].reduce((sum, digit, i) => sum + digit * [3, 7, 1][i % 3], 0) % 10 === 0;

// ---- checks: what is wrong with a field, or nothing ----

const methodOf = () => form.querySelector('[name="method"]:checked, [name="method"][type="hidden"]')?.value ?? 'none';

const checks = {
  email: (v) => (!v ? 'Enter your email address.' : /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(v) ? '' : 'Your email address is incomplete.'),
  number: (v) => {
    const number = digitsOf(v);
    return number.length < lengthOf(brandOf(number)) ? 'Your card number is incomplete.'
      : /[^\d\s]/.test(v) || !passesLuhn(number) ? 'Your card number is invalid.' : '';
  },
  expiry: (v) => {
    const digits = digitsOf(v);
    if (digits.length < 4) return "Your card's expiration date is incomplete.";
    const [month, year, now] = [+digits.slice(0, 2), 2000 + +digits.slice(2, 4), new Date()];
    return month < 1 || month > 12 ? "Your card's expiration month is invalid."
      : year < now.getFullYear() ? "Your card's expiration year is in the past."
      : year === now.getFullYear() && month <= now.getMonth() ? "Your card's expiration date is in the past."
      : year > now.getFullYear() + 50 ? "Your card's expiration year is invalid." : '';
  },
  cvc: (v) => (digitsOf(v).length === (brandOf(digitsOf(byId('number').value)) === 'amex' ? 4 : 3) ? '' : "Your card's security code is incomplete."),
  iban: (v) => {
    const iban = v.replace(/\s/g, '').toUpperCase();
    return iban.length < 15 ? 'Your IBAN is incomplete.' : isIban(iban) ? '' : 'Your IBAN is invalid.';
  },
  routing_number: (v) => (v.length < 9 ? 'Your routing number is incomplete.' : /^\d{9}$/.test(v) && passesAba(v) ? '' : 'Your routing number is invalid.'),
  account_number: (v) => (v.length < 4 ? 'Your account number is incomplete.' : /^\d{4,17}$/.test(v) ? '' : 'Your account number is invalid.'),
  name: (v) => (v ? '' : methodOf() === 'card' ? 'Enter the name on the card.' : "Enter the account holder's name."),
  country: (v) => (v ? '' : 'Choose your country or region.'),
  postal_code: (v) => {
    const country = byId('country').value;
    return !postal[country] ? ''
      : !v ? `Enter your ${country === 'US' ? 'ZIP code' : 'postal code'}.`
      : country === 'US' && ![5, 9].includes(digitsOf(v).length) ? 'Your ZIP code is incomplete.' : '';
  },
};

const fields = () => Object.keys(checks).map(byId).filter((f) => f && f.offsetParent !== null);

const show = (field, message) => {
  if (message) field.setAttribute('aria-invalid', 'true');
  else field.removeAttribute('aria-invalid');
  const place = byId(`${field.id}-error`);
  if (place.textContent !== message) place.textContent = message;
};

const check = (field) => {
  const message = checks[field.id](field.value.trim());
  show(field, message);
  return message;
};

const alarm = (message) => {
  const place = byId('alert');
  place.replaceChildren();
  if (!message) return;
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  icon.setAttribute('aria-hidden', 'true');
  icon.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'));
  icon.firstChild.setAttribute('href', '#icon-alert');
  const text = document.createElement('p');
  text.textContent = message;
  place.append(icon, text);
  place.focus();
};

// ---- typing ----

// Formats a field as it is typed, and keeps the caret behind the same character.
const reformat = (field, format) => field.addEventListener('input', (e) => {
  const isDeleting = e.inputType?.startsWith('delete') ?? false;
  const isKept = /[0-9A-Za-z]/;
  const before = [...field.value.slice(0, field.selectionStart)].filter((c) => isKept.test(c)).length;
  const wasAtEnd = field.selectionStart === field.value.length;
  const next = format(field.value, isDeleting);
  if (next === field.value) return;
  field.value = next;
  if (wasAtEnd) return;
  let at = 0;
  for (let seen = 0; at < next.length && seen < before; at++) if (isKept.test(next[at])) seen++;
  field.setSelectionRange(at, at);
});

const showBrand = () => {
  const brand = brandOf(digitsOf(byId('number').value));
  const names = brand ? [brand] : byId('number').value ? ['unknown'] : ['visa', 'mastercard', 'amex'];
  const place = byId('brands');
  place.toggleAttribute('data-known', names.length === 1);
  place.replaceChildren(...names.map((name) => {
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    icon.setAttribute('class', 'brand');
    icon.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'));
    icon.firstChild.setAttribute('href', `#brand-${name}`);
    return icon;
  }));
  byId('cvc').placeholder = brand === 'amex' ? '4 digits' : 'CVC';
};

const showPostal = () => {
  const asked = postal[byId('country').value];
  const field = byId('postal_code');
  field.parentElement.hidden = !asked;
  if (!asked) show(field, '');
  else [field.placeholder, field.parentElement.querySelector('label').textContent] = asked;
};

// ---- sending ----

const state = (name) => {
  const text = { busy: 'Processing', done: 'Done' }[name] ?? '';
  if (name) pay.dataset.state = name;
  else delete pay.dataset.state;
  pay.setAttribute('aria-disabled', String(Boolean(name)));
  byId('status').textContent = text;
};

const post = async (target) => {
  const answer = await fetch(target.action, {
    method: 'POST',
    headers: { Accept: 'application/json' },
    body: new URLSearchParams(new FormData(target)),
  });
  if (!answer.headers.get('Content-Type')?.startsWith('application/json')) throw new Error(`The page was answered ${answer.status}.`);
  return answer.json();
};

// Reads the page again and takes its summary over; what was typed stays.
const refresh = async () => {
  const answer = await fetch(location.pathname, { headers: { Accept: 'text/html' } });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.getElementById('summary');
  if (!fresh || fresh.dataset.status !== 'open' || fresh.dataset.free !== byId('summary').dataset.free) {
    location.reload();
    return;
  }
  byId('summary').replaceWith(fresh);
  form.elements.expected_amount.value = fresh.dataset.total;
  byId('pay-text').textContent = fresh.dataset.button;
};

const settle = async (answer) => {
  switch (answer.outcome) {
    case 'succeeded':
    case 'processing':
    case 'over':
      if (answer.outcome !== 'over') state('done');
      if (answer.redirect) location.assign(answer.redirect);
      else location.reload();
      return;
    case 'action_required':
      remember();
      location.assign(answer.redirect);
      return;
    default: {
      state('');
      if (answer.outcome === 'refused') await refresh();
      const bad = Object.entries(answer.errors ?? {}).map(([name, message]) => {
        const field = byId(name);
        if (field) show(field, message);
        return field;
      }).filter(Boolean);
      alarm(bad.length ? '' : answer.message ?? 'Something went wrong. Please try again.');
      bad[0]?.focus();
    }
  }
};

const submit = async (e) => {
  e.preventDefault();
  if (pay.dataset.state) return;
  alarm('');
  const bad = fields().filter(check);
  if (bad.length) {
    bad[0].focus();
    return;
  }
  state('busy');
  try {
    await settle(await post(form));
  } catch (error) {
    unreachable(error);
  }
};

const unreachable = (error) => {
  state('');
  alarm('We could not reach the payment page. Check your connection and try again: you will not be charged twice.');
  console.error(error);
};

// The challenge is another page: what is no card data comes back with the buyer.
const remembered = ['email', 'name', 'country', 'postal_code'];
const memory = `checkout:${location.pathname}`;
const remember = () =>
  sessionStorage.setItem(memory, JSON.stringify(Object.fromEntries(remembered.filter(byId).map((id) => [id, byId(id).value]))));
const recall = () => {
  const kept = sessionStorage.getItem(memory);
  sessionStorage.removeItem(memory);
  for (const [id, value] of Object.entries(JSON.parse(kept ?? '{}'))) if (byId(id) && value) byId(id).value = value;
};

// ---- wiring ----

const wire = () => {
  form.addEventListener('submit', submit);
  form.addEventListener('focusout', (e) => {
    // Leaving an empty field says nothing yet; leaving a half-filled one does. But not while the button is being
    // pressed: a message that comes up would push it away from under the pointer, and the press would be lost.
    if (checks[e.target.id] && e.target.value.trim() && !isPressing) check(e.target);
  });
  let isPressing = false;
  pay.addEventListener('pointerdown', () => { isPressing = true; });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => { isPressing = false; });
  form.addEventListener('input', (e) => {
    if (checks[e.target.id] && e.target.hasAttribute('aria-invalid') && !checks[e.target.id](e.target.value.trim())) show(e.target, '');
  });

  if (byId('number')) {
    reformat(byId('number'), (v) => groupCard(digitsOf(v).slice(0, 19)));
    reformat(byId('expiry'), groupExpiry);
    reformat(byId('cvc'), (v) => digitsOf(v).slice(0, 4));
    byId('number').addEventListener('input', showBrand);
    byId('country').addEventListener('change', showPostal);
    recall();
    showBrand();
    showPostal();
  } else {
    recall();
  }
  if (byId('iban')) reformat(byId('iban'), (v) => (v.replace(/[^0-9A-Za-z]/g, '').toUpperCase().match(/.{1,4}/g) ?? []).join(' '));
  for (const id of ['routing_number', 'account_number']) if (byId(id)) reformat(byId(id), digitsOf);

  document.addEventListener('click', (e) => {
    const button = e.target.closest('.fill');
    if (!button) return;
    button.closest('details').open = false;
    fill(button.dataset);
  });
  document.addEventListener('submit', (e) => {
    if (!e.target.id.startsWith('promotion')) return;
    e.preventDefault();
    changeDiscount(e.target).catch(unreachable);
  });
};

const changeDiscount = async (target) => {
  const answer = await post(target);
  if (answer.outcome === 'changed') {
    await refresh();
    byId('summary').querySelector('.chip-remove, .code summary')?.focus();
    byId('status').textContent = `Total due is now ${byId('summary').querySelector('.due dd').textContent}.`;
  } else if (byId('code')) {
    show(byId('code'), answer.message);
    byId('code').focus();
  } else {
    alarm(answer.message);
  }
};

const put = (id, value) => {
  const field = byId(id);
  if (!field) return;
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  show(field, '');
};

const fill = ({ method, number, cvc, routing }) => {
  const choice = form.querySelector(`[name="method"][value="${method}"]`);
  if (choice?.type === 'radio') choice.checked = true;
  if (byId('email') && !byId('email').value) put('email', 'ada@example.com');
  if (!byId('name').value) put('name', 'Ada Lovelace');
  if (method === 'card') {
    put('number', number);
    put('expiry', '12 / 34');
    put('cvc', cvc);
    if (postal[byId('country').value] && !byId('postal_code').value) put('postal_code', { GB: 'SW1A 1AA', CA: 'K1A 0B1' }[byId('country').value] ?? '94107');
  } else if (method === 'sepa_debit') {
    put('iban', number);
  } else {
    put('routing_number', routing);
    put('account_number', number);
  }
  alarm('');
  pay.focus();
};

if (form) {
  wire();
  if (byId('alert').firstChild) byId('alert').focus();
}

// Forms that send themselves, once.
for (const once of document.querySelectorAll('form[data-once]')) {
  once.addEventListener('submit', (e) => {
    if (once.dataset.sent) e.preventDefault();
    once.dataset.sent = 'yes';
    if (e.submitter?.classList.contains('pay')) e.submitter.dataset.state = 'busy';
  });
}

// A page that the browser kept from before the payment would offer to pay again.
addEventListener('pageshow', (e) => {
  if (e.persisted) location.reload();
});

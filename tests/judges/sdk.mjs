// Stripe's Node SDK against the simulator. In: STRIPE_PORT, STRIPE_KEY. Out: one JSON line per scenario,
// { name, error, ms } where error is null when all was well. The names are those of StripeNodeSdkTests.
import assert from 'node:assert/strict';
import Stripe from 'stripe';

const port = process.env.STRIPE_PORT;
const key = process.env.STRIPE_KEY;
const at = { host: '127.0.0.1', port, protocol: 'http', telemetry: false };
const stripe = new Stripe(key, { ...at, maxNetworkRetries: 0 });

const line = (amount = 1500, quantity = 2) => ({
  quantity,
  price_data: { currency: 'usd', unit_amount: amount, product_data: { name: '100 credits' } },
});

const openSession = (more = {}) => stripe.checkout.sessions.create({
  mode: 'payment',
  line_items: [line()],
  success_url: 'https://shop.example/ok?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/cart',
  metadata: { payment_id: 'p1' },
  payment_intent_data: { metadata: { payment_id: 'p1' } },
  ...more,
});

// What the hosted page does, through the private calls that Stripe's CLI uses too.
const payOnPage = async (session, method = 'pm_card_visa', expected = session.amount_total) => {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/payment_pages/${session.id}/confirm`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}` },
    body: new URLSearchParams({ payment_method: method, expected_amount: String(expected) }),
  });
  return { status: answer.status, body: await answer.json() };
};

const until = async (read, isDone) => {
  for (let i = 0; i < 100; i++) {
    const value = await read();
    if (isDone(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('waited in vain');
};

const failing = async (promise, expected) => {
  const error = await promise.then(() => { throw new Error('expected a refusal'); }, (e) => e);
  assert.equal(error.constructor.name, expected.class ?? 'StripeInvalidRequestError', `${error.message}`);
  for (const [name, value] of Object.entries(expected)) if (name !== 'class') assert.equal(error[name], value, `${name} of: ${error.message}`);
  return error;
};

const scenarios = {
  async customers() {
    const made = await stripe.customers.create({
      email: 'ada@example.com', name: 'Ada Üñ 名', metadata: { user: '1', other: '2' },
      address: { city: 'London', country: 'GB', line1: '1 & 2, High Street', postal_code: 'SW1A 1AA' },
    });
    assert.match(made.id, /^cus_/);
    assert.equal(made.name, 'Ada Üñ 名');
    assert.equal(made.livemode, false);
    const changed = await stripe.customers.update(made.id, { email: 'grace@example.com', metadata: { other: '', third: '3' } });
    assert.equal(changed.email, 'grace@example.com');
    assert.deepEqual(changed.metadata, { user: '1', third: '3' });
    assert.equal(changed.address.line1, '1 & 2, High Street');
    assert.deepEqual(await stripe.customers.update(made.id, { metadata: '' }).then((c) => c.metadata), {});
    assert.equal((await stripe.customers.list({ email: 'grace@example.com' })).data[0].id, made.id);
    assert.deepEqual(await stripe.customers.del(made.id).then(({ id, object, deleted }) => ({ id, object, deleted })), { id: made.id, object: 'customer', deleted: true });
    assert.equal((await stripe.customers.retrieve(made.id)).deleted, true);
    assert.equal((await stripe.customers.list({ email: 'grace@example.com' })).data.length, 0);
  },

  async lists() {
    const made = [];
    for (let i = 0; i < 23; i++) made.push((await stripe.customers.create({ email: 'pages@example.com', name: `${i}` })).id);
    const first = await stripe.customers.list({ email: 'pages@example.com' });
    assert.equal(first.object, 'list');
    assert.equal(first.url, '/v1/customers');
    assert.equal(first.data.length, 10);
    assert.equal(first.has_more, true);
    const all = await stripe.customers.list({ email: 'pages@example.com', limit: 5 }).autoPagingToArray({ limit: 100 });
    assert.deepEqual(all.map((c) => c.id), made.toReversed(), 'newest first, each once');
    const back = await stripe.customers.list({ email: 'pages@example.com', limit: 3, ending_before: made[0] });
    assert.deepEqual(back.data.map((c) => c.id), [made[3], made[2], made[1]]);
    const backwards = await stripe.customers.list({ email: 'pages@example.com', limit: 4, ending_before: made[0] }).autoPagingToArray({ limit: 100 });
    assert.deepEqual(backwards.map((c) => c.id), made.slice(1));
    assert.equal((await stripe.customers.list({ email: 'pages@example.com', created: { gt: Math.floor(Date.now() / 1000) + 60 } })).data.length, 0);
    await failing(stripe.customers.list({ limit: 101 }), { statusCode: 400, param: 'limit' });
    await failing(stripe.customers.list({ starting_after: 'cus_nothing' }), { statusCode: 400, code: 'resource_missing', param: 'starting_after' });
  },

  async sessions() {
    const session = await openSession();
    assert.match(session.id, /^cs_test_/);
    assert.equal(session.status, 'open');
    assert.equal(session.payment_status, 'unpaid');
    assert.equal(session.amount_total, 3000);
    assert.equal(session.payment_intent, null);
    assert.equal(session.line_items, undefined);
    assert.equal(session.expires_at - session.created, 24 * 3600);
    assert.match(session.url, /\/c\/pay\/cs_test_/);
    const paid = await payOnPage(session);
    assert.equal(paid.status, 200, JSON.stringify(paid.body));
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items', 'payment_intent.latest_charge'] });
    assert.equal(done.status, 'complete');
    assert.equal(done.payment_status, 'paid');
    assert.equal(done.url, null);
    assert.equal(done.line_items.data[0].amount_total, 3000);
    assert.equal(done.line_items.data[0].description, '100 credits');
    assert.equal(done.payment_intent.status, 'succeeded');
    assert.equal(done.payment_intent.amount_received, 3000);
    assert.deepEqual(done.payment_intent.metadata, { payment_id: 'p1' });
    assert.equal(done.payment_intent.latest_charge.paid, true);
    assert.equal(done.payment_intent.latest_charge.payment_method_details.card.last4, '4242');
    assert.equal((await stripe.checkout.sessions.listLineItems(session.id)).data.length, 1);
    assert.equal((await stripe.checkout.sessions.list({ payment_intent: done.payment_intent.id })).data[0].id, session.id);
    const again = await payOnPage(session);
    assert.equal(again.status, 400, 'a session is paid once');
    await failing(stripe.checkout.sessions.expire(session.id), { statusCode: 400 });
    const settled = await until(() => stripe.charges.retrieve(done.payment_intent.latest_charge.id, { expand: ['balance_transaction'] }), (c) => c.balance_transaction);
    assert.equal(settled.balance_transaction.amount, 3000);
    assert.equal(settled.balance_transaction.net, 3000 - settled.balance_transaction.fee);
  },

  async declined_and_expired_sessions() {
    const session = await openSession();
    const declined = await payOnPage(session, 'pm_card_visa_chargeDeclinedInsufficientFunds');
    assert.equal(declined.status, 402);
    assert.equal(declined.body.error.type, 'card_error');
    assert.equal(declined.body.error.decline_code, 'insufficient_funds');
    assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open');
    assert.equal((await payOnPage(session, 'pm_card_visa', 1)).status, 400, 'another amount than the buyer saw');
    assert.equal((await payOnPage(session)).status, 200);
    const intents = await stripe.paymentIntents.list({ limit: 100 });
    const done = await stripe.checkout.sessions.retrieve(session.id);
    assert.equal(intents.data.filter((i) => i.id === done.payment_intent).length, 1);
    assert.equal((await stripe.charges.list({ payment_intent: done.payment_intent })).data.length, 2, 'the declined one and the paid one, on one intent');
    const expired = await stripe.checkout.sessions.expire((await openSession()).id);
    assert.equal(expired.status, 'expired');
    assert.equal(expired.url, null);
    assert.notEqual((await payOnPage(expired)).status, 200);
  },

  async discounts() {
    const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once', name: 'A quarter off' });
    const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'QUARTER' });
    const session = await openSession({ discounts: [{ promotion_code: code.id }] });
    assert.equal(session.amount_subtotal, 3000);
    assert.equal(session.amount_total, 2250);
    assert.equal(session.total_details.amount_discount, 750);
    assert.equal((await payOnPage(session)).status, 200);
    const free = await stripe.coupons.create({ percent_off: 100, duration: 'once' });
    const nothing = await openSession({ discounts: [{ coupon: free.id }] });
    assert.equal(nothing.amount_total, 0);
    const found = await stripe.promotionCodes.list({ code: 'QUARTER' });
    assert.equal(found.data[0].id, code.id);
  },

  async payment_intents() {
    const paid = await stripe.paymentIntents.create({ amount: 1999, currency: 'usd', confirm: true, payment_method: 'pm_card_visa', automatic_payment_methods: { enabled: true, allow_redirects: 'never' }, metadata: { a: '1' } });
    assert.equal(paid.status, 'succeeded');
    assert.match(paid.client_secret, new RegExp(`^${paid.id}_secret_`));
    const declined = await failing(
      stripe.paymentIntents.create({ amount: 1999, currency: 'usd', confirm: true, payment_method: 'pm_card_chargeDeclined', automatic_payment_methods: { enabled: true, allow_redirects: 'never' } }),
      { class: 'StripeCardError', statusCode: 402, code: 'card_declined', decline_code: 'generic_decline', message: 'Your card was declined.' });
    assert.equal(declined.payment_intent.status, 'requires_payment_method');
    assert.equal(declined.payment_intent.last_payment_error.code, 'card_declined');
    const retried = await stripe.paymentIntents.confirm(declined.payment_intent.id, { payment_method: 'pm_card_mastercard' });
    assert.equal(retried.status, 'succeeded');
    const secured = await stripe.paymentIntents.create({ amount: 1999, currency: 'usd', confirm: true, payment_method: 'pm_card_authenticationRequired', return_url: 'https://shop.example/return' });
    assert.equal(secured.status, 'requires_action');
    assert.equal(secured.next_action.type, 'redirect_to_url');
    assert.match(secured.next_action.redirect_to_url.url, /^http:\/\/127\.0\.0\.1:\d+\/3ds\//);
    const canceled = await stripe.paymentIntents.cancel(secured.id, { cancellation_reason: 'requested_by_customer' });
    assert.equal(canceled.status, 'canceled');
    assert.equal(canceled.next_action, null);
    await failing(stripe.paymentIntents.confirm(canceled.id), { statusCode: 400, code: 'payment_intent_unexpected_state' });
    await failing(stripe.paymentIntents.create({ amount: 0, currency: 'usd' }), { statusCode: 400, code: 'parameter_invalid_integer', param: 'amount' });
    await failing(stripe.paymentIntents.create({ amount: 10, currency: 'usd' }), { statusCode: 400, code: 'amount_too_small' });
    const yen = await stripe.paymentIntents.create({ amount: 3000, currency: 'jpy' });
    assert.equal(yen.status, 'requires_payment_method');
    const held = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', confirm: true, capture_method: 'manual', payment_method: 'pm_card_visa', return_url: 'https://shop.example/return' });
    assert.equal(held.status, 'requires_capture');
    assert.equal((await stripe.paymentIntents.capture(held.id)).amount_received, 500);
  },

  async saved_cards() {
    const customer = await stripe.customers.create({ email: 'saved@example.com' });
    const intent = await stripe.setupIntents.create({ customer: customer.id, confirm: true, payment_method: 'pm_card_visa', automatic_payment_methods: { enabled: true, allow_redirects: 'never' } });
    assert.equal(intent.status, 'succeeded');
    const saved = await stripe.customers.listPaymentMethods(customer.id);
    assert.equal(saved.data.length, 1);
    assert.equal(saved.data[0].card.last4, '4242');
    await failing(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: customer.id }), { class: 'StripeCardError', statusCode: 402 });
    const detached = await stripe.paymentMethods.detach(saved.data[0].id);
    assert.equal(detached.customer, null);
    assert.equal((await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })).data.length, 0);
  },

  async refunds() {
    const pay = () => stripe.paymentIntents.create({ amount: 2000, currency: 'usd', confirm: true, payment_method: 'pm_card_visa', automatic_payment_methods: { enabled: true, allow_redirects: 'never' } });
    const paid = await pay();
    const part = await stripe.refunds.create({ payment_intent: paid.id, amount: 500, reason: 'requested_by_customer', metadata: { ours: '1' } });
    assert.match(part.id, /^re_/);
    assert.equal(part.status, 'succeeded');
    await failing(stripe.refunds.create({ payment_intent: paid.id, amount: 1501 }), { statusCode: 400, param: 'amount' });
    const rest = await stripe.refunds.create({ charge: paid.latest_charge });
    assert.equal(rest.amount, 1500);
    await failing(stripe.refunds.create({ charge: paid.latest_charge }), { statusCode: 400, code: 'charge_already_refunded' });
    const charge = await stripe.charges.retrieve(paid.latest_charge, { expand: ['refunds'] });
    assert.equal(charge.refunded, true);
    assert.deepEqual(charge.refunds.data.map((r) => r.id), [rest.id, part.id]);
    assert.deepEqual((await stripe.refunds.update(part.id, { metadata: { more: '2' } })).metadata, { ours: '1', more: '2' });
    assert.deepEqual((await stripe.refunds.list({ payment_intent: paid.id }).autoPagingToArray({ limit: 10 })).map((r) => r.id), [rest.id, part.id]);
    const settled = await until(() => stripe.refunds.retrieve(rest.id, { expand: ['balance_transaction', 'charge'] }), (r) => r.destination_details.card.reference);
    assert.equal(settled.balance_transaction.amount, -1500);
    assert.equal(settled.charge.id, paid.latest_charge);
    const doomed = await stripe.refunds.create({ payment_intent: (await stripe.paymentIntents.create({ amount: 900, currency: 'usd', confirm: true, payment_method: 'pm_card_refundFail', return_url: 'https://shop.example' })).id });
    assert.equal(doomed.status, 'succeeded');
    const failed = await until(() => stripe.refunds.retrieve(doomed.id), (r) => r.status === 'failed');
    assert.equal(failed.failure_reason, 'expired_or_canceled_card');
    assert.equal((await stripe.charges.retrieve(doomed.charge)).amount_refunded, 0);
  },

  async disputes() {
    const pay = (card) => stripe.paymentIntents.create({ amount: 2000, currency: 'usd', confirm: true, payment_method: card, return_url: 'https://shop.example' });
    const paid = await pay('pm_card_createDispute');
    const [dispute] = (await stripe.disputes.list({ payment_intent: paid.id })).data;
    assert.equal(dispute.status, 'needs_response');
    assert.equal(dispute.balance_transactions[0].net, -3500);
    await failing(stripe.refunds.create({ payment_intent: paid.id }), { statusCode: 400, code: 'charge_disputed' });
    const answered = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } });
    assert.equal(answered.status, 'under_review');
    assert.equal(answered.evidence_details.submission_count, 1);
    const won = await until(() => stripe.disputes.retrieve(dispute.id, { expand: ['charge'] }), (d) => d.status === 'won');
    assert.equal(won.charge.disputed, true);
    const inquiry = (await stripe.disputes.list({ payment_intent: (await pay('pm_card_createDisputeInquiry')).id })).data[0];
    assert.equal(inquiry.status, 'warning_needs_response');
    assert.equal((await stripe.disputes.close(inquiry.id)).status, 'warning_closed');
    await failing(stripe.disputes.close(inquiry.id), { statusCode: 400 });
  },

  async portal() {
    const customer = await stripe.customers.create({ email: 'portal@example.com' });
    const session = await stripe.billingPortal.sessions.create({ customer: customer.id, return_url: 'https://shop.example/account' });
    assert.equal(session.customer, customer.id);
    assert.equal((await fetch(session.url)).status, 200);
    const update = await stripe.billingPortal.sessions.create({ customer: customer.id, flow_data: { type: 'payment_method_update' } });
    assert.equal(update.flow.type, 'payment_method_update');
    await failing(stripe.billingPortal.sessions.create({ customer: 'cus_nothing' }), { statusCode: 400, code: 'resource_missing', param: 'customer' });
    await failing(stripe.billingPortal.sessions.create({}), { statusCode: 400, code: 'parameter_missing', param: 'customer' });
  },

  async idempotency() {
    const once = { idempotencyKey: `once-${process.pid}` };
    const [a, b] = [await stripe.customers.create({ email: 'once@example.com' }, once), await stripe.customers.create({ email: 'once@example.com' }, once)];
    assert.equal(a.id, b.id);
    assert.equal(a.lastResponse.headers['idempotent-replayed'], undefined);
    assert.equal(b.lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal(b.lastResponse.headers['original-request'], a.lastResponse.requestId);
    await failing(stripe.customers.create({ email: 'twice@example.com' }, once), { class: 'StripeIdempotencyError', statusCode: 400 });
    await failing(stripe.paymentIntents.create({ amount: 500, currency: 'usd' }, once), { class: 'StripeIdempotencyError', statusCode: 400 });
    const bad = { idempotencyKey: `bad-${process.pid}` };
    await failing(stripe.customers.create({ nonsense: '1' }, bad), { statusCode: 400 });
    assert.match((await stripe.customers.create({ email: 'good@example.com' }, bad)).id, /^cus_/, 'a refused validation is not remembered');
    const declined = { idempotencyKey: `declined-${process.pid}` };
    const card = { amount: 900, currency: 'usd', confirm: true, payment_method: 'pm_card_chargeDeclined', return_url: 'https://shop.example' };
    const first = await failing(stripe.paymentIntents.create(card, declined), { class: 'StripeCardError' });
    const second = await failing(stripe.paymentIntents.create(card, declined), { class: 'StripeCardError' });
    assert.equal(first.payment_intent.id, second.payment_intent.id, 'a decline is replayed too');
    const race = await Promise.allSettled(Array.from({ length: 10 }, () => stripe.customers.create({ email: 'race@example.com' }, { idempotencyKey: `race-${process.pid}` })));
    const ids = new Set(race.filter((r) => r.status === 'fulfilled').map((r) => r.value.id));
    assert.equal(ids.size, 1);
    for (const { reason } of race.filter((r) => r.status === 'rejected')) assert.equal(reason.statusCode, 409, reason.message);
    assert.equal((await stripe.customers.list({ email: 'race@example.com' })).data.length, 1);
  },

  async errors() {
    const unknown = await failing(stripe.customers.create({ nonsense: '1' }), { statusCode: 400, code: 'parameter_unknown', param: 'nonsense', message: 'Received unknown parameter: nonsense' });
    assert.match(unknown.requestId, /^req_/);
    await failing(stripe.paymentIntents.create({ amount: 500 }), { statusCode: 400, code: 'parameter_missing', param: 'currency' });
    await failing(stripe.paymentIntents.create({ amount: 'ten', currency: 'usd' }), { statusCode: 400, code: 'parameter_invalid_integer', param: 'amount' });
    await failing(stripe.customers.retrieve('cus_nothing'), { statusCode: 404, code: 'resource_missing' });
    await failing(openSession({ line_items: [{ price: 'price_nothing', quantity: 1 }] }), { statusCode: 400, code: 'resource_missing', param: 'line_items[0][price]' });
    await failing(openSession({ mode: 'barter' }), { statusCode: 400, param: 'mode' });
    await failing(openSession({ line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 5, bogus: 1, product_data: { name: 'x' } } }] }), { statusCode: 400, code: 'parameter_unknown', param: 'line_items[0][price_data][bogus]' });
    await failing(stripe.customers.create({ email: 'not an address' }), { statusCode: 400, code: 'email_invalid', param: 'email' });
    await failing(openSession({ success_url: 'not a url' }), { statusCode: 400, code: 'url_invalid', param: 'success_url' });
    await failing(stripe.checkout.sessions.retrieve((await openSession()).id, { expand: ['bogus'] }), { statusCode: 400 });
    await failing(stripe.rawRequest('GET', '/v1/nonsense'), { statusCode: 404 });
    await failing(new Stripe('sk_test_wrong0123456789abcdefgh', { ...at, maxNetworkRetries: 0 }).customers.list(), { class: 'StripeAuthenticationError', statusCode: 401 });
  },

  async events() {
    // With retries allowed the SDK sends a key of its own with every POST.
    const customer = await new Stripe(key, { ...at, maxNetworkRetries: 2 }).customers.create({ email: 'events@example.com' });
    await stripe.customers.update(customer.id, { email: 'changed@example.com' });
    const events = await until(
      () => stripe.events.list({ types: ['customer.created', 'customer.updated'], limit: 100 }),
      (list) => list.data.filter((e) => e.data.object.id === customer.id).length === 2);
    const [updated, created] = events.data.filter((e) => e.data.object.id === customer.id);
    assert.equal(created.type, 'customer.created');
    assert.equal(created.data.object.email, 'events@example.com', 'as it was then');
    assert.deepEqual(updated.data.previous_attributes, { email: 'events@example.com' });
    assert.match(created.request.id, /^req_/);
    assert.match(created.request.idempotency_key, /^stripe-node-retry-/);
    assert.equal(created.api_version, '2026-07-29.dahlia');
    assert.equal((await stripe.events.retrieve(created.id)).id, created.id);
  },

  async subscriptions() {
    const customer = await stripe.customers.create({ email: 'ada@example.com', payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' } });
    const price = await stripe.prices.create({ currency: 'usd', unit_amount: 1999, recurring: { interval: 'month' }, product_data: { name: 'Basic' } });
    const made = await stripe.subscriptions.create({
      customer: customer.id, items: [{ price: price.id, quantity: 2 }], metadata: { plan: 'p1' },
      expand: ['latest_invoice.confirmation_secret', 'latest_invoice.payments', 'default_payment_method'],
    });
    assert.equal(made.status, 'active');
    assert.equal(made.items.data[0].price.id, price.id);
    assert.equal(made.items.data[0].current_period_start, made.created);
    assert.equal(made.latest_invoice.amount_paid, 3998);
    assert.match(made.latest_invoice.confirmation_secret.client_secret, /^pi_.*_secret_/);
    const invoice = await stripe.invoices.retrieve(made.latest_invoice.id, { expand: ['payments.data.payment.payment_intent'] });
    assert.equal(invoice.parent.subscription_details.subscription, made.id);
    assert.equal(invoice.lines.data[0].pricing.price_details.price, price.id);
    const intent = invoice.payments.data[0].payment.payment_intent;
    assert.equal(intent.status, 'succeeded');
    const links = await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: intent.id } });
    assert.deepEqual(links.data.map((p) => p.invoice), [invoice.id]);
    const ending = await stripe.subscriptions.update(made.id, { cancel_at_period_end: true });
    assert.equal(ending.cancel_at, made.items.data[0].current_period_end);
    assert.equal((await stripe.subscriptions.update(made.id, { cancel_at_period_end: false })).cancel_at, null);
    const paused = await stripe.subscriptions.update(made.id, { pause_collection: { behavior: 'void' } });
    assert.deepEqual({ ...paused.pause_collection }, { behavior: 'void', resumes_at: null });
    assert.equal((await stripe.subscriptions.update(made.id, { pause_collection: '' })).pause_collection, null);
    assert.deepEqual((await stripe.subscriptions.list({ customer: customer.id, status: 'active', price: price.id })).data.map((s) => s.id), [made.id]);
    assert.deepEqual((await stripe.invoices.list({ subscription: made.id, status: 'paid' })).data.map((i) => i.id), [invoice.id]);
    assert.equal((await stripe.subscriptions.cancel(made.id)).status, 'canceled');
    await failing(stripe.subscriptions.cancel(made.id), { statusCode: 404, code: 'resource_missing' });
    assert.equal((await stripe.subscriptions.list({ customer: customer.id })).data.length, 0);
    assert.equal((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data.length, 1);
    const poor = await stripe.customers.create({ email: 'poor@example.com' });
    await failing(stripe.subscriptions.create({ customer: poor.id, items: [{ price: price.id }] }), { statusCode: 400, code: 'resource_missing' });
    await failing(stripe.subscriptions.create({ customer: poor.id, items: [{ price: 'price_nothing' }] }), { statusCode: 400, code: 'resource_missing', param: 'items[0][price]' });
    const waiting = await stripe.subscriptions.create({
      customer: poor.id, items: [{ price: price.id }], payment_behavior: 'default_incomplete', expand: ['latest_invoice.confirmation_secret'],
    });
    assert.equal(waiting.status, 'incomplete');
    const pdf = await fetch(waiting.latest_invoice.invoice_pdf);
    assert.equal(pdf.headers.get('content-type'), 'application/pdf');
    assert.match(await pdf.text(), /^%PDF-1\.4/);
  },

  async previews() {
    const customer = await stripe.customers.create({ payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' } });
    const price = await stripe.prices.create({ currency: 'usd', unit_amount: 1000, recurring: { interval: 'month' }, product_data: { name: 'Basic' } });
    const better = await stripe.prices.create({ currency: 'usd', unit_amount: 3000, recurring: { interval: 'month' }, product_data: { name: 'Pro' } });
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    const change = { items: [{ id: made.items.data[0].id, price: better.id }], proration_behavior: 'always_invoice', proration_date: made.created };
    const preview = await stripe.invoices.createPreview({ subscription: made.id, subscription_details: change });
    assert.deepEqual(preview.lines.data.map((l) => [l.amount, l.parent.subscription_item_details.proration]), [[-1000, true], [3000, true]]);
    assert.equal(preview.amount_due, 2000);
    const changed = await stripe.subscriptions.update(made.id, { ...change, expand: ['latest_invoice'] });
    assert.deepEqual(changed.latest_invoice.lines.data.map((l) => l.amount), [-1000, 3000]);
    assert.equal(changed.latest_invoice.amount_paid, 2000);
    const next = await stripe.invoices.createPreview({ customer: customer.id });
    assert.deepEqual(next.lines.data.map((l) => l.amount), [3000]);
    await stripe.subscriptions.update(made.id, { cancel_at_period_end: true });
    await failing(stripe.invoices.createPreview({ subscription: made.id }), { statusCode: 404, code: 'invoice_upcoming_none' });
  },

  async subscription_sessions() {
    const price = await stripe.prices.create({ currency: 'usd', unit_amount: 1999, recurring: { interval: 'year' }, product_data: { name: 'Basic' } });
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription', line_items: [{ price: price.id, quantity: 1 }], success_url: 'https://shop.example/ok', subscription_data: { metadata: { plan: 'p1' } },
    });
    assert.equal((await payOnPage(session)).status, 200);
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'invoice'] });
    assert.equal(done.payment_status, 'paid');
    assert.equal(done.payment_intent, null);
    assert.equal(done.subscription.status, 'active');
    assert.deepEqual({ ...done.subscription.metadata }, { plan: 'p1' });
    assert.equal(done.invoice.billing_reason, 'subscription_create');
    const saving = await stripe.checkout.sessions.create({ mode: 'setup', currency: 'usd', customer: done.customer, success_url: 'https://shop.example/ok' });
    assert.equal((await payOnPage(saving, 'pm_card_mastercard', 0)).status, 200);
    assert.equal((await stripe.checkout.sessions.retrieve(saving.id, { expand: ['setup_intent'] })).setup_intent.status, 'succeeded');
  },

  async retries_under_faults() {
    const control = (method, faults) => fetch(`${process.env.STRIPE_CONTROLS}sandbox/faults`, {
      method, headers: { 'Content-Type': 'application/json' }, body: faults && JSON.stringify(faults),
    }).then((answer) => assert.equal(answer.status, 200));
    await control('POST', { api: { error: 0.1, cutBeforeEffect: 0.1, cutAfterEffect: 0.2 } });
    try {
      const stubborn = new Stripe(key, { ...at, port: new URL(process.env.STRIPE_CONTROLS).port, maxNetworkRetries: 20 });
      const made = await Promise.all(Array.from({ length: 20 }, (_, i) => stubborn.customers.create({ email: 'faults@example.com', name: `${i}` })));
      assert.equal(new Set(made.map((c) => c.id)).size, 20);
    } finally {
      await control('DELETE');
    }
    assert.equal((await stripe.customers.list({ email: 'faults@example.com', limit: 100 })).data.length, 20, 'none twice, none lost');
  },
};

for (const [name, run] of Object.entries(scenarios)) {
  if (process.argv[2] && process.argv[2] !== name) continue;
  const began = Date.now();
  const error = await run().then(() => null, (e) => `${e.stack ?? e}`);
  console.log(JSON.stringify({ name, error, ms: Date.now() - began }));
}

// Kept-alive connections would hold the process for their timeout of 80 s.
process.exit(0);

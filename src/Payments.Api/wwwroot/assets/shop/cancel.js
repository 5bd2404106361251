// @ts-check
import { api, newKey } from '../api.js';
import { forgetCheckout, lastCheckout, openCheckout } from '../checkouts.js';
import { byId, el } from '../dom.js';
import { busy, frame, problem, toast } from '../frame.js';
import { when } from '../format.js';
import { session } from '../session.js';
import { goOn, showOutcome, toAccount, toShop } from './outcome.js';

/** Where a buyer comes back to without having paid. The payment page stays open for a while: they may go on with it. */

const payable = ['pending', 'requiresAction', 'failed', 'canceled', 'expired'];

frame({ page: '' });
void start();

async function start() {
  const checkout = lastCheckout();
  if (!checkout) {
    showOutcome({ mark: 'warn', title: 'Nothing was paid', text: 'Payments that wait for you are in your account.', actions: [toAccount(), toShop()] });
    return;
  }

  // The API knows whether it is still open, by its own clock; without a sign-in the payment page itself says so.
  /** @type {{ status?: string, openPage: { url: string, expiresAt?: string } | null }} */
  const payment = session.token ? await api.get(`payments/checkout-session/${encodeURIComponent(checkout.sessionId)}`).catch(() => ({ openPage: checkout })) : { openPage: checkout };
  if (payment.status && !payable.includes(payment.status)) {
    // They have paid in another window meanwhile, and come here by the back button.
    location.replace(`/success?session_id=${encodeURIComponent(checkout.sessionId)}`);
    return;
  }

  const until = payment.openPage?.expiresAt;
  showOutcome({
    mark: 'warn', title: 'Nothing was paid',
    text: !payment.openPage ? `The payment page for “${checkout.title}” has closed.`
      : until ? `The payment page for “${checkout.title}” stays open until ${when(until)}.`
      : `The payment page for “${checkout.title}” may still be open.`,
    actions: [payment.openPage ? goOn('Go on paying', payment) : checkout.request && startAgain(checkout, checkout.request), checkout.request?.orderId && cancelOrder(checkout, checkout.request.orderId), toShop()],
  });
}

/** @param {import('../checkouts.js').Checkout} checkout @param {Record<string, any>} request */
function startAgain({ title }, request) {
  const key = newKey();
  return doing('Start again', 'primary', () => openCheckout(title, request, key));
}

/** The pieces of an order are set aside until it is paid, or cancelled. @param {import('../checkouts.js').Checkout} checkout @param {string} orderId */
function cancelOrder({ sessionId }, orderId) {
  const key = newKey();
  return doing('Cancel the order', '', async () => {
    await api.post(`orders/${orderId}/cancel`, undefined, { idempotencyKey: key });
    forgetCheckout(sessionId);
    toast('The order is cancelled.');
    showOutcome({ mark: 'warn', title: 'The order is cancelled', text: 'Nothing was paid, and nothing is set aside for you any more.', actions: toShop() });
  });
}

/** @param {string} text @param {string} kind @param {() => Promise<void>} work */
function doing(text, kind, work) {
  const button = el('button', { class: `button ${kind}`, type: 'button' }, text);
  button.addEventListener('click', () => busy(button, async () => {
    try {
      await work();
    } catch (error) {
      problem(byId('outcome'), error);
    }
  }));
  return button;
}

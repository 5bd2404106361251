// @ts-check
import { api, newKey } from '../api.js';
import { forgetCheckout, goTo, lastCheckout, openCheckout } from '../checkouts.js';
import { byId, el } from '../dom.js';
import { busy, frame, problem, toast } from '../frame.js';
import { day, when } from '../format.js';
import { session } from '../session.js';
import { showOutcome, toShop } from './outcome.js';

/** Where a buyer comes back to without having paid. The payment page stays open for a while: they may go on with it. */

frame({ page: '' });
void start();

async function start() {
  const checkout = lastCheckout();
  if (!checkout) {
    showOutcome({ mark: 'warn', title: 'Nothing was paid', text: 'Nothing is waiting for you here.', actions: toShop() });
    return;
  }

  // They may have paid in another window meanwhile, and come here by the back button.
  const payment = session.token ? await api.get(`payments/checkout-session/${encodeURIComponent(checkout.sessionId)}`).catch(() => null) : null;
  if (payment && !['pending', 'requiresAction', 'failed', 'canceled', 'expired'].includes(payment.status)) {
    location.replace(`/success?session_id=${encodeURIComponent(checkout.sessionId)}`);
    return;
  }

  const open = Date.parse(checkout.expiresAt) > Date.now() && payment?.status !== 'canceled' && payment?.status !== 'expired';
  showOutcome({
    mark: 'warn', title: 'Nothing was paid',
    text: open ? `The payment page for “${checkout.title}” stays open until ${until(checkout.expiresAt)}.` : `The payment page for “${checkout.title}” has closed.`,
    actions: [open ? goOn(checkout) : startAgain(checkout), checkout.request.orderId && cancelOrder(checkout), toShop()],
  });
}

/** @param {import('../checkouts.js').Checkout} checkout */
function goOn(checkout) {
  const button = el('button', { class: 'button primary', type: 'button' }, 'Go on paying');
  button.addEventListener('click', () => busy(button, () => goTo(checkout.url)));
  return button;
}

/** @param {import('../checkouts.js').Checkout} checkout */
function startAgain({ title, request }) {
  const key = newKey();
  return doing('Start again', 'primary', () => openCheckout(title, request, key));
}

/** The pieces of an order are set aside until it is paid, or cancelled. @param {import('../checkouts.js').Checkout} checkout */
function cancelOrder({ request, sessionId }) {
  const key = newKey();
  return doing('Cancel the order', '', async () => {
    await api.post(`orders/${request.orderId}/cancel`, undefined, { idempotencyKey: key });
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

/** The hour when it is today. @param {string} iso */
const until = iso => day(iso) === day(new Date().toISOString()) ? new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(new Date(iso)) : when(iso);

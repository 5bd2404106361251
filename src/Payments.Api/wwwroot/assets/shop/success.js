// @ts-check
import { api, ApiProblem } from '../api.js';
import { forgetCheckout } from '../checkouts.js';
import { el } from '../dom.js';
import { money, plural } from '../format.js';
import { askToSignIn, forSignedIn, frame } from '../frame.js';
import { live } from '../live.js';
import { session, sessionChanged } from '../session.js';
import { goOn, showOutcome, toAccount, toShop } from './outcome.js';

/**
 * Where a buyer comes back to. The API asks the provider itself, so this does not wait for the webhook; it asks again,
 * ever more slowly, until the payment has come to an end, and at once when the live stream tells of a payment.
 *
 * @typedef {object} Payment
 * @property {string} id
 * @property {'creditPack' | 'creditAmount' | 'subscription' | 'item' | 'order'} kind
 * @property {'pending' | 'requiresAction' | 'processing' | 'succeeded' | 'partiallyRefunded' | 'refunded' | 'failed' | 'canceled' | 'expired' | 'disputed' | 'lost'} status
 * @property {import('../format.js').Money} amount
 * @property {import('../format.js').Money} refunded
 * @property {string} description
 * @property {{ code: string, message: string | null } | null} failure
 * @property {{ url: string, expiresAt: string } | null} openPage where it can still be paid
 * @property {string | null} undelivered why it bought nothing, and the money goes back
 * @property {boolean} verified
 */

const { main } = frame({ page: '' });
const sessionId = new URLSearchParams(location.search).get('session_id') ?? '';

/** @type {() => void} ends the watch of before, when somebody else signs in */
let stop = () => {};

if (sessionId) {
  const before = [...main.children];
  // Before the page is drawn for who comes next: an answer that is still on its way is not shown to them.
  window.addEventListener(sessionChanged, () => stop());
  forSignedIn(main, () => {
    main.replaceChildren(...before);
    stop();
    stop = watch();
  }, 'Sign in as who has paid, to see what became of it.');
} else {
  showOutcome({ mark: 'warn', title: 'No payment to show', text: 'You come here from the payment page, whose address says which payment it was.', actions: toShop() });
}

/** @returns {() => void} */
function watch() {
  const quickest = 800;
  const slowest = 15_000;
  let wait = quickest;
  let over = false;
  let shown = '';
  /** @type {number | undefined} */
  let timer;

  async function look() {
    clearTimeout(timer);
    try {
      const payment = await api.get(`payments/checkout-session/${encodeURIComponent(sessionId)}`);
      const credits = paid.includes(payment.status) ? (await api.get('users/me')).credits : 0;
      if (over) return;
      // Drawn anew only when there is news: somebody may be reading it, or be on one of its buttons.
      const news = JSON.stringify([payment.status, payment.verified, payment.failure, payment.refunded, payment.openPage, payment.undelivered]);
      if (news !== shown) over = show(payment, credits);
      shown = news;
    } catch (error) {
      if (over) return;
      shown = '';
      over = refused(error);
    }

    if (!over) timer = setTimeout(look, wait);
    wait = Math.min(wait * 1.5, slowest);
  }

  const hush = live(({ event }) => {
    if (event === 'payment' || event === 'resync') {
      wait = quickest;
      if (!over) void look();
    }
  });
  void look();
  return () => {
    over = true;
    clearTimeout(timer);
    hush();
  };
}

const paid = ['succeeded', 'partiallyRefunded', 'disputed'];

/** @param {Payment} payment @param {number} credits that the buyer has now @returns {boolean} whether that is how it stays */
function show(payment, credits) {
  switch (payment.status) {
    case 'succeeded':
    case 'partiallyRefunded':
    case 'disputed':
      forgetCheckout(sessionId);
      if (payment.undelivered) {
        showOutcome({
          mark: 'warn', title: 'The money goes back',
          text: `${nothings[payment.undelivered] ?? 'Nothing came of this payment.'} All of it is on its way back to where it came from.`, details: facts(payment), actions: [toAccount(), toShop()],
        });
        return false; // Until it is back.
      }

      showPaid(payment, credits);
      return true;
    case 'processing':
      showOutcome({
        mark: 'waiting', title: 'Your bank is working on it',
        text: 'You have done your part. A bank debit takes a while, up to some days, until the bank has confirmed it: you get it then, and an email that says so. You may close this page.',
        details: facts(payment), actions: [toAccount(), toShop()],
      });
      return false;
    case 'failed':
      showOutcome({ mark: 'bad', title: 'The payment did not go through', text: payment.failure?.message ?? 'The bank declined it. Nothing was taken.', details: facts(payment), actions: [goOn('Try another card', payment), toShop()] });
      return false; // The same page still takes another card.
    case 'canceled':
    case 'expired':
      forgetCheckout(sessionId);
      showOutcome({ mark: 'warn', title: 'Nothing was paid', text: 'The payment page has closed. You can start again whenever you like.', actions: toShop() });
      return true;
    case 'lost':
      showOutcome({ mark: 'warn', title: 'Your bank took the money back', text: 'This payment was disputed with your bank, which decided for you.', details: facts(payment), actions: [toAccount(), toShop()] });
      return true;
    case 'refunded':
      showOutcome({ mark: 'warn', title: 'The money went back', text: `${money(payment.refunded)} of this payment was given back.`, details: facts(payment), actions: [toAccount(), toShop()] });
      return true;
    default:
      showOutcome({
        mark: 'waiting', title: 'Waiting for your payment',
        text: payment.verified ? 'The payment page says it is not paid yet.' : 'The payment provider cannot be asked at the moment. Nothing is lost: this page goes on asking.',
        details: facts(payment), actions: [goOn('Go on paying', payment), toShop()],
      });
      return false;
  }
}

/** @type {Record<string, string>} */
const nothings = {
  alreadyOwned: 'You had bought this already.',
  alreadyPaid: 'This had been paid already.',
  orderCancelled: 'The order had been cancelled when the payment came.',
  subscriptionEnded: 'The subscription had ended when the payment came.',
};

/** @param {Payment} payment @param {number} credits */
function showPaid(payment, credits) {
  const got = {
    creditPack: `You now have ${plural(credits, 'credit')}.`,
    creditAmount: `You now have ${plural(credits, 'credit')}.`,
    subscription: payment.amount.amount === 0 ? 'Your subscription has begun, and nothing was taken today. Your account says when the first payment is due.' : `Your subscription has begun. You have ${plural(credits, 'credit')}.`,
    item: 'It is yours: find it in your account.',
    order: 'Your order is confirmed.',
  };
  showOutcome({ mark: 'good', title: 'Thank you', text: got[payment.kind], details: facts(payment), actions: [toAccount(), toShop()] });
}

/** @param {Payment} payment */
function facts(payment) {
  return el('dl', { class: 'facts' },
    el('dt', 'You bought'), el('dd', payment.description),
    el('dt', payment.status === 'succeeded' ? 'You paid' : 'Amount'), el('dd', money(payment.amount)));
}

/** @param {unknown} error @returns {boolean} whether asking again is of no use */
function refused(error) {
  if (error instanceof ApiProblem && error.status === 401) return true; // The sign-in is shown instead.
  if (error instanceof ApiProblem && (error.status === 404 || error.status === 400)) {
    showOutcome({
      mark: 'warn', title: 'No such payment of yours',
      text: `You are signed in as ${session.name}. If somebody else has paid, sign in as them.`,
      actions: [el('button', { class: 'button primary', type: 'button', on: { click: () => void askToSignIn() } }, 'Sign in as another'), toShop()],
    });
    return true;
  }

  showOutcome({
    mark: 'waiting', title: 'Just a moment',
    text: 'It cannot be seen at the moment what became of your payment. Nothing is lost: this page goes on asking.',
    actions: toShop(),
  });
  return false;
}

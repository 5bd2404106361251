// The TypeScript client against a running API, as a web app would use it: node buying.js address token
import { data, paymentsClient, PaymentsProblem, type Schemas } from '../../../docs/clients/typescript/client.js';

declare const process: { argv: string[] };

const [address, token] = process.argv.slice(2);
const payments = paymentsClient(address!, () => token);

const packs: Schemas['CreditPackResponse'][] = data(await payments.GET('/api/v1/credit-packs')).items;
const pack = packs[0]!;
const checkout = data(await payments.POST('/api/v1/payments/checkout-session', {
  params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
  body: { creditPackId: pack.id },
}));
const me: Schemas['ProfileResponse'] = data(await payments.GET('/api/v1/users/me'));

let problem: Schemas['Problem'] | undefined;
try {
  data(await payments.GET('/api/v1/payments/{id}', { params: { path: { id: crypto.randomUUID() } } }));
} catch (error) {
  if (!(error instanceof PaymentsProblem)) throw error;
  problem = error.problem;
}

// @ts-expect-error a pack has no such member: what the document does not say does not compile
void pack.colour;

console.log(JSON.stringify({
  pack: pack.name, price: pack.price.amount, session: checkout.sessionId, payment: checkout.paymentId, me: me.id, credits: me.credits, code: problem?.code, status: problem?.status, traceId: problem?.traceId,
}));

// Does Stripe's own SDK accept the simulator's signed deliveries, and refuse the same ones with a byte changed?
// In: { secret, deliveries: [{ signature, body (base64) }] } as a file. Out: one JSON line per delivery.
import { readFileSync } from 'node:fs';
import Stripe from 'stripe';

const { secret, deliveries } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { webhooks } = new Stripe('sk_test_unused');

const attempt = (body, signature, key) => {
  try {
    return webhooks.constructEvent(body, signature, key).type;
  } catch (error) {
    return `${error.type}: ${error.message}`;
  }
};

for (const { signature, body } of deliveries) {
  const bytes = Buffer.from(body, 'base64');
  const changed = Buffer.from(bytes);
  changed[changed.length - 3] ^= 1;
  console.log(JSON.stringify({
    good: attempt(bytes, signature, secret),
    changed: attempt(changed, signature, secret),
    otherSecret: attempt(bytes, signature, `${secret}x`),
  }));
}

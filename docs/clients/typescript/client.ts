/**
 * A typed client of the Payments API: every path, body and answer as the OpenAPI document has it (payments.d.ts is made
 * from it). Copy both files and `npm install openapi-fetch`.
 *
 * ```ts
 * const payments = paymentsClient('https://pay.example.com', () => session.token);
 * const { items } = data(await payments.GET('/api/v1/credit-packs'));
 * ```
 */
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './payments.d.ts';

export type Schemas = components['schemas'];
export type Problem = Schemas['Problem'];

/** An answer that is no success. Decide by `problem.code`; show `problem.detail`; quote `problem.traceId` to support. */
export class PaymentsProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'PaymentsProblem';
    this.problem = problem;
  }
}

/** @param token asked for at every call, so that it may change; none for the catalog */
export function paymentsClient(baseUrl: string, token?: () => string | null | undefined): Client<paths> {
  const client = createClient<paths>({ baseUrl });
  client.use({
    onRequest({ request }) {
      const bearer = token?.();
      if (bearer) request.headers.set('Authorization', `Bearer ${bearer}`);
      return request;
    },
  });
  return client;
}

/** What was answered; a problem is thrown. */
export function data<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.error !== undefined) throw new PaymentsProblem(answer.error as Problem);
  return answer.data as T;
}

// @ts-check
import { ApiProblem } from '../assets/api.js';

/**
 * Calls to the sandbox's own controls, below `/sandbox/`: no token, as they are for whoever sits at this machine.
 * @param {string} path
 * @param {{ method?: string, body?: unknown }} [options]
 */
export async function control(path, { method = 'GET', body } = {}) {
  let response;
  try {
    response = await fetch(`/sandbox/${path}`, {
      method, credentials: 'omit', headers: body === undefined ? {} : { 'Content-Type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiProblem({ detail: 'The sandbox does not answer. Is ./run still running?' });
  }

  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    // The API's own problems are RFC 9457; the simulator speaks as Stripe does.
    throw new ApiProblem({ ...answer, status: response.status, code: answer.code ?? 'sandbox.refused', detail: answer.detail ?? answer.error?.message ?? `The sandbox answered ${response.status}.` });
  }

  return answer;
}

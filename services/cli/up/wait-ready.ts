import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 5_000;

const answer = z.object({ checks: z.record(z.string(), z.string()) });

/**
 * Waits until /readyz answers 200. After every try before that, `onFailing` gets the failing checks with
 * their reasons, like `nats: no answer within 2000 ms`. Rejects when the signal aborts.
 */
export async function waitReady(
  url: string,
  signal: AbortSignal,
  onFailing: (checks: string) => void,
): Promise<void> {
  for (;;) {
    const failing = await failingChecks(url);
    if (failing === 'none') return;
    onFailing(failing.join(', '));
    await pause(POLL_MS, undefined, { signal });
  }
}

async function failingChecks(url: string): Promise<'none' | string[]> {
  try {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(`${url}/readyz`, { signal: timeout });
    const body: unknown = await response.json();
    if (response.ok) return 'none';
    return Object.entries(answer.parse(body).checks).flatMap(([name, outcome]) =>
      outcome === 'ok' ? [] : [`${name}: ${outcome}`],
    );
  } catch {
    // Whether the process has ended is watched elsewhere.
    return ['no answer'];
  }
}

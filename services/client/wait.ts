import { setTimeout as pause } from 'node:timers/promises';
import { WaitTimeoutError } from './errors.js';
import type { Action, WaitOptions } from './types.js';

const TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Looks again and again, less and less often. Throws WaitTimeoutError. */
export async function waitFor(
  read: () => Promise<Action>,
  { until = ['PAID', 'FAILED'], timeoutMs = TIMEOUT_MS, signal }: WaitOptions,
): Promise<Action> {
  const isThere =
    typeof until === 'function' ? until : (action: Action) => until.includes(action.state);
  const deadline = performance.now() + timeoutMs;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    const action = await read();
    if (isThere(action)) return action;
    const left = deadline - performance.now();
    if (left <= 0) {
      throw new WaitTimeoutError(`${action.id} is ${action.state} after ${timeoutMs} ms`, action);
    }
    await pause(Math.min(wait, left), undefined, signal === undefined ? {} : { signal });
  }
}

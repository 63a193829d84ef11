import { setTimeout as pause } from 'node:timers/promises';
import { QuittanceError, WaitTimeoutError } from './errors.js';
import type { Action, WaitOptions } from './types.js';

const TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Looks again and again, less and less often. Throws WaitTimeoutError. */
export async function waitFor(
  read: () => Promise<Action>,
  { until = ['PAID', 'FAILED'], timeoutMs = TIMEOUT_MS, opensLater = false, signal }: WaitOptions,
): Promise<Action> {
  const isThere =
    typeof until === 'function' ? until : (action: Action) => until.includes(action.state);
  const deadline = performance.now() + timeoutMs;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    const action = await (opensLater ? readOrNothing(read) : read());
    if (action !== undefined && isThere(action)) return action;
    const left = deadline - performance.now();
    if (left <= 0) {
      const seen = action === undefined ? 'not there' : `${action.id} is ${action.state}`;
      throw new WaitTimeoutError(`${seen} after ${timeoutMs} ms`, action);
    }
    await pause(Math.min(wait, left), undefined, signal === undefined ? {} : { signal });
  }
}

async function readOrNothing(read: () => Promise<Action>): Promise<Action | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof QuittanceError && error.code === 'action.not_found') return undefined;
    throw error;
  }
}

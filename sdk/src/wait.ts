import { setTimeout as pause } from 'node:timers/promises';
import { NoAnswerError, QuittanceError, WaitTimeoutError } from './errors.js';
import type { Action, WaitOptions } from './types.js';

const TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Reads the action again and again, less and less often, until it is as asked. An API that is away is waited for. Throws
 * WaitTimeoutError at its own deadline, with the action as it was seen last.
 */
export async function waitFor(
  read: (signal: AbortSignal) => Promise<Action>,
  { until = ['PAID', 'FAILED'], timeoutMs = TIMEOUT_MS, opensLater = false, signal }: WaitOptions,
): Promise<Action> {
  const isThere =
    typeof until === 'function' ? until : (action: Action) => until.includes(action.state);
  const deadline = AbortSignal.timeout(timeoutMs);
  const ended = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  let last: Action | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      last = await read(ended);
      if (isThere(last)) return last;
    } catch (error) {
      if (!ended.aborted && !mayCome(error, opensLater)) throw error;
    }
    await pause(pauseMs, undefined, { signal: ended }).catch(() => undefined);
    signal?.throwIfAborted();
    if (deadline.aborted) {
      const seen = last === undefined ? 'not there' : `${last.id} is ${last.state}`;
      throw new WaitTimeoutError(`${seen} after ${timeoutMs} ms`, last);
    }
  }
}

/** Whether a later read may succeed: there was no answer, or the action is not opened yet. */
function mayCome(error: unknown, opensLater: boolean): boolean {
  if (error instanceof NoAnswerError) return true;
  if (!(error instanceof QuittanceError)) return false;
  return error.status === 503 || (opensLater && error.code === 'action.not_found');
}

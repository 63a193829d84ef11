import { NoAnswerError, QuittanceError, WaitTimeoutError } from './errors.js';
import { pause } from './pause.js';
import type { Action, WaitOptions } from './types.js';

const TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** The last read begins at the deadline, and is given this long. */
const LAST_READ_MS = 1_000;
/** The longest delay that a timer can have. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Reads the action again and again, with growing pauses, until it is as wanted or the deadline has passed. While the API is away
 * it goes on. Throws WaitTimeoutError, or QuittanceError where the API refuses.
 */
export async function waitFor(
  read: (signal: AbortSignal) => Promise<Action>,
  { until = ['PAID', 'FAILED'], timeoutMs = TIMEOUT_MS, opensLater = false, signal }: WaitOptions,
): Promise<Action> {
  const isReached =
    typeof until === 'function' ? until : (action: Action) => until.includes(action.state);
  const deadline = performance.now() + timeoutMs;
  const left = (): number => deadline - performance.now();
  let last: Action | undefined;
  let failure: unknown;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    const limit = AbortSignal.timeout(clamp(left(), LAST_READ_MS, LONGEST_TIMER_MS));
    try {
      last = await read(signal === undefined ? limit : AbortSignal.any([signal, limit]));
      failure = undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (!limit.aborted && !mayPass(error, opensLater)) throw error;
      // An aborted read says less than the failure before it.
      failure = limit.aborted ? (failure ?? error) : error;
    }
    if (failure === undefined && last !== undefined && isReached(last)) return last;
    if (left() <= 0) throw new WaitTimeoutError(outcome(timeoutMs, last, failure), last, failure);
    await pause(Math.min(wait, left()), signal);
  }
}

/** Whether a later read may succeed. */
function mayPass(error: unknown, opensLater: boolean): boolean {
  if (error instanceof NoAnswerError) return true;
  if (!(error instanceof QuittanceError)) return false;
  return error.status === 503 || (opensLater && error.code === 'action.not_found');
}

function outcome(timeoutMs: number, last: Action | undefined, failure: unknown): string {
  const seen = last === undefined ? 'the action was not read' : `${last.id} is ${last.state}`;
  const because = failure instanceof Error ? `: ${failure.message}` : '';
  return `${seen} after ${timeoutMs} ms${because}`;
}

function clamp(ms: number, min: number, max: number): number {
  return Math.ceil(Math.max(min, Math.min(ms, max)));
}

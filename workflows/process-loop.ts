import {
  CancellationScope,
  condition,
  defineSignal,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { WAKE_SIGNAL } from '../domain/names/workflows.js';
import type { Step } from '../domain/workflow-step.js';

const wakeSignal = defineSignal(WAKE_SIGNAL);

/** Pause after a call that failed for good, before the row is read again. */
const AFTER_FAILURE_MS = 2_000;

export interface Process {
  /** Does the guarded step that is due and tells what comes next: a local activity. */
  readonly advance: () => Promise<Step>;
  /** Makes a call to the outside: an ordinary activity, given up when `withinMs` has passed (null: never). */
  readonly call: (name: string, withinMs: number | null) => Promise<void>;
}

interface RunningCall {
  readonly name: string;
  /** Resolves with whether it succeeded; never rejects. */
  readonly done: Promise<boolean>;
  readonly cancel: () => void;
}

/**
 * The loop that every process is: advance, then make the call that is needed, or wait for a wake or the deadline. It begins in
 * any state and keeps nothing that is not in PostgreSQL: starting it again is recovery. Returns the last state.
 */
export async function runProcess(process: Process): Promise<string> {
  let woken = false;
  setHandler(wakeSignal, () => {
    woken = true;
  });
  let running: RunningCall | undefined;
  for (;;) {
    woken = false;
    const step = await process.advance();
    setCurrentDetails(`State: ${step.state}`);
    if (step.finished) {
      upsertSearchAttributes({ QState: [step.state] });
      return step.state;
    }
    if (running?.name !== step.call) {
      running?.cancel();
      running = step.call === null ? undefined : startCall(process, step.call, step.waitUntilMs);
    }
    const isWoken = (): boolean => woken;
    if (running === undefined) {
      await condition(isWoken, Math.max(1, (step.waitUntilMs ?? 0) - Date.now()));
      continue;
    }
    const outcome = await Promise.race([running.done, condition(isWoken)]);
    if (outcome === undefined) continue;
    running = undefined;
    if (!outcome) await condition(isWoken, AFTER_FAILURE_MS);
  }
}

function startCall(process: Process, name: string, untilMs: number | null): RunningCall {
  const scope = new CancellationScope();
  const withinMs = untilMs === null ? null : Math.max(1, untilMs - Date.now());
  const done = scope
    .run(() => process.call(name, withinMs))
    .then(
      () => true,
      () => false,
    );
  return { name, done, cancel: () => scope.cancel() };
}

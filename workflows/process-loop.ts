import {
  type ActivityOptions,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  type LocalActivityOptions,
  log,
  metricMeter,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { SearchAttribute } from '../domain/names/search-attributes.js';
import { WAKE_SIGNAL } from '../domain/names/workflows.js';
import type { LinkedStep, WorkflowResult } from '../domain/workflow-step.js';

const wakeSignal = defineSignal<[reason?: string]>(WAKE_SIGNAL);

/** Pause after a call that failed for good, before the row is read again. */
const AFTER_FAILURE_MS = 2_000;
/** A row that is due all the time must not keep a worker busy. */
const SHORTEST_WAIT_MS = 100;

/** Short idempotent SQL. Retried for ever: it waits for a database that is down. */
export const ADVANCE: LocalActivityOptions = {
  summary: 'read the row and do the step that is due',
  startToCloseTimeout: '20 seconds',
  retry: {
    initialInterval: '100 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
  },
};

export interface Process<Call extends string> {
  /** Does the guarded step that is due and says what comes next: a local activity. */
  readonly advance: () => Promise<LinkedStep<Call>>;
  /** Makes a call to the outside: an ordinary activity, with these options. */
  readonly call: (name: Call, options: ActivityOptions) => Promise<void>;
  /** Search attributes that a service which starts the workflow itself may have left out. */
  readonly attributes?: () => Readonly<Partial<Record<SearchAttribute, string>>>;
}

interface RunningCall {
  readonly name: string;
  /** Resolves with whether it succeeded; never rejects. */
  readonly done: Promise<boolean>;
  readonly cancel: () => void;
}

/**
 * The loop that each workflow of a row is: advance, then make the call that is needed, or wait for a wake or the deadline. It begins
 * in any state and keeps nothing that is not in PostgreSQL: starting it again is recovery.
 */
export async function runProcess<Call extends string>(
  process: Process<Call>,
): Promise<WorkflowResult> {
  let woken = false;
  setHandler(wakeSignal, () => {
    woken = true;
  });
  const isWoken = (): boolean => woken;
  let running: RunningCall | undefined;
  for (;;) {
    woken = false;
    const step = await process.advance();
    show(process, step);
    const { state, reason } = step;
    if (step.finished) return { state, reason };
    if (running?.name !== step.call) {
      running?.cancel();
      running = step.call === null ? undefined : startCall(process, step.call, step);
    }
    if (running === undefined) {
      const summary = step.story.awaits;
      if (step.waitMs === null) await condition(isWoken);
      else await condition(isWoken, Math.max(step.waitMs, SHORTEST_WAIT_MS), { summary });
      continue;
    }
    const outcome = await Promise.race([running.done, condition(isWoken)]);
    if (outcome === undefined) continue;
    running = undefined;
    if (!outcome) {
      const summary = 'a pause after the call that failed';
      await condition(isWoken, AFTER_FAILURE_MS, { summary });
    }
  }
}

/** Retried until the state's deadline has passed; without one, for ever. */
function startCall<Call extends string>(
  process: Process<Call>,
  name: Call,
  { waitMs, story }: LinkedStep<Call>,
): RunningCall {
  const scope = new CancellationScope();
  const options: ActivityOptions = {
    summary: story.deadline === null ? story.awaits : `${story.awaits}, by ${story.deadline}`,
    startToCloseTimeout: '15 seconds',
    ...(waitMs === null ? {} : { scheduleToCloseTimeout: Math.max(waitMs, SHORTEST_WAIT_MS) }),
    retry: {
      initialInterval: '250 milliseconds',
      backoffCoefficient: 2,
      maximumInterval: '15 seconds',
    },
  };
  const done = scope
    .run(() => process.call(name, options))
    .then(
      () => true,
      (error: unknown) => {
        if (!isCancellation(error)) reportFailure(name, error);
        return false;
      },
    );
  return { name, done, cancel: () => scope.cancel() };
}

function reportFailure(call: string, error: unknown): void {
  log.error('a call to the outside failed; the row is read again', { call, error });
  metricMeter
    .createCounter('quittance_outside_calls_failed', undefined, 'Calls given up by workflows.')
    .add(1, { call });
}

/** For the reader of Temporal's UI: search attributes as of this step, and current details. */
function show<Call extends string>(process: Process<Call>, step: LinkedStep<Call>): void {
  const { state, reason, finished, story, link, attributes } = step;
  const known = workflowInfo().typedSearchAttributes;
  const current = Object.entries({ ...process.attributes?.(), ...attributes, QState: state });
  const changed = current
    .map(([name, value]) => ({
      key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
      value,
    }))
    .filter(({ key, value }) => known.get(key) !== value);
  if (changed.length > 0) upsertSearchAttributes(changed);
  setCurrentDetails(
    [
      `**${state}**${reason === null ? '' : ` (${reason})`}${finished ? '' : `, awaits: ${story.awaits}`}`,
      [
        ...(story.amountMsat === null ? [] : [`amount ${story.amountMsat} msat`]),
        ...(story.deadline === null ? [] : [`deadline ${story.deadline}`]),
      ].join(', '),
      `[transitions](${link})`,
    ].join('\n\n'),
  );
}

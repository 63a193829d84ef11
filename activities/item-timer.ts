import { z } from 'zod';
import { itemTimerMachine } from '../domain/items/timer-machine.js';
import type { TextCommand } from '../domain/items/text-commands.js';
import { transitionsLink } from '../domain/names/links.js';
import { itemTimerWorkflowId } from '../domain/names/workflows.js';
import type { LinkedStep } from '../domain/workflow-step.js';
import type { EngineContext } from '../engine/context.js';
import { advanceTimer } from '../engine/items/timers/advance-timer.js';
import { checkWorkflowId, parseInput } from './door.js';

const timerInput = z.strictObject({ timer: z.string().regex(/^[1-9]\d{0,17}$/) });
export type ItemTimerInput = z.output<typeof timerInput>;

/** What `ephemeralItem` and `reminder` run. Recorded by name in histories. */
export interface ItemTimerActivities {
  /** `asker`: the workflow that asks. */
  advanceItemTimer(input: ItemTimerInput, asker?: TimerWorkflow): Promise<LinkedStep<never>>;
}

interface TimerWorkflow {
  /** What its type does. */
  readonly kind: TextCommand;
  readonly workflowId: string;
}

/** `apiUrl`: where operators reach the API. */
export function createItemTimerActivities(
  engine: EngineContext,
  apiUrl: string,
): ItemTimerActivities {
  return {
    advanceItemTimer: async (input, asker) => {
      const { timer } = parseInput(timerInput, input);
      if (asker !== undefined) {
        checkWorkflowId(itemTimerWorkflowId(asker.kind, timer), asker.workflowId);
      }
      const link = transitionsLink(apiUrl, itemTimerMachine.name, timer);
      return { ...(await advanceTimer(engine, timer, asker?.kind)), link };
    },
  };
}

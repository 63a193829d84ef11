import { z } from 'zod';
import { itemTimerMachine } from '../domain/items/timer-machine.js';
import { transitionsLink } from '../domain/names/links.js';
import type { LinkedStep } from '../domain/workflow-step.js';
import type { EngineContext } from '../engine/context.js';
import { advanceTimer } from '../engine/items/timers/advance-timer.js';
import { parseInput } from './door.js';

const timerInput = z.strictObject({ timer: z.string().regex(/^[1-9]\d{0,17}$/) });
export type ItemTimerInput = z.output<typeof timerInput>;

/** What `ephemeralItem` and `reminder` run. Recorded by name in histories. */
export interface ItemTimerActivities {
  advanceItemTimer(input: ItemTimerInput): Promise<LinkedStep<never>>;
}

/** `apiUrl`: where operators reach the API. */
export function createItemTimerActivities(
  engine: EngineContext,
  apiUrl: string,
): ItemTimerActivities {
  return {
    advanceItemTimer: async (input) => {
      const { timer } = parseInput(timerInput, input);
      const link = transitionsLink(apiUrl, itemTimerMachine.name, timer);
      return { ...(await advanceTimer(engine, timer)), link };
    },
  };
}

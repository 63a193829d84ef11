import { z } from 'zod';
import { storeWorkflowId } from '../domain/names/workflows.js';
import { STORE_CALLS, type StoreCall, type StoreCheck } from '../domain/intake/store-step.js';
import type { LinkedStep } from '../domain/workflow-step.js';
import { advanceStore } from '../engine/intake/advance-store.js';
import { runTask } from '../engine/intake/checks/run-task.js';
import { beating, type Heartbeat } from './beating.js';
import type { IntakeContext } from '../engine/intake/context.js';
import { checkWorkflowId, parseInput } from './door.js';

export const storeInput = z.strictObject({ store: z.string().regex(/^[a-z0-9-]{1,60}$/) });
export type StoreInput = z.output<typeof storeInput>;

/** What `store` runs. Recorded by name in histories. */
export type StoreActivities = Readonly<
  Record<Exclude<StoreCall, 'sendNotifications'>, (input: StoreInput) => Promise<void>>
> & {
  /** `workflowId`: of the workflow that asks. */
  advanceStore(input: StoreInput, workflowId?: string): Promise<LinkedStep<StoreCall>>;
};

/** `apiUrl`: where operators reach the API. */
export function createStoreActivities(
  context: IntakeContext,
  apiUrl: string,
  heartbeat: Heartbeat,
): StoreActivities {
  const run = (task: StoreCheck) => async (input: StoreInput) => {
    const { store } = parseInput(storeInput, input);
    await beating(heartbeat, () => runTask(context, store, task));
  };
  return {
    advanceStore: async (input, workflowId) => {
      const { store } = parseInput(storeInput, input);
      checkWorkflowId(storeWorkflowId(store), workflowId);
      return { ...(await advanceStore(context, store)), link: `${apiUrl}/v1/stores/${store}` };
    },
    [STORE_CALLS.reconcile]: run('reconcile'),
    [STORE_CALLS.gaps]: run('gaps'),
    [STORE_CALLS.orders]: run('orders'),
    [STORE_CALLS.webhooks]: run('webhooks'),
    [STORE_CALLS.silence]: run('silence'),
    [STORE_CALLS.slips]: run('slips'),
    [STORE_CALLS.learn]: run('learn'),
    [STORE_CALLS.retention]: run('retention'),
  };
}

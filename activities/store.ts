import { STORE_CALLS, type StoreCall, type StoreCheck } from '../domain/intake/store-step.js';
import type { LinkedStep } from '../domain/workflow-step.js';
import { advanceStore } from '../engine/intake/advance-store.js';
import { runTask } from '../engine/intake/checks/run-task.js';
import { beating, type Heartbeat } from './beating.js';
import type { IntakeContext } from '../engine/intake/context.js';

export interface StoreInput {
  readonly store: string;
}

/** What `store` runs. Recorded by name in histories. */
export type StoreActivities = Readonly<
  Record<Exclude<StoreCall, 'sendNotifications'>, (input: StoreInput) => Promise<void>>
> & {
  advanceStore(input: StoreInput): Promise<LinkedStep<StoreCall>>;
};

/** `apiUrl`: where operators reach the API. */
export function createStoreActivities(
  context: IntakeContext,
  apiUrl: string,
  heartbeat: Heartbeat,
): StoreActivities {
  const run = (task: StoreCheck) => (input: StoreInput) =>
    beating(heartbeat, () => runTask(context, input.store, task));
  return {
    advanceStore: async ({ store }) => ({
      ...(await advanceStore(context, store)),
      link: `${apiUrl}/v1/stores/${encodeURIComponent(store)}`,
    }),
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

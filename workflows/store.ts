import {
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { NotificationActivities } from '../activities/notifications.js';
import type { StoreActivities, StoreInput } from '../activities/store.js';
import type { StoreCall } from '../domain/intake/store-step.js';
import { TASK_QUEUES } from '../domain/names/workflows.js';
import type { WorkflowResult } from '../domain/workflow-step.js';
import { ADVANCE, runProcess } from './process-loop.js';

const { advanceStore } = proxyLocalActivities<StoreActivities>(ADVANCE);

/** Looks after a store until it is closed. */
export async function store(input: StoreInput): Promise<WorkflowResult> {
  return runProcess<StoreCall>({
    // Parses the input, which may be anything: it is not read here before that.
    advance: async () => {
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof store>(input);
      return advanceStore(input, workflowInfo().workflowId);
    },
    call: (name, options) => {
      // A run over many pages of a slow store takes longer than other calls; of a killed worker another takes over.
      const times = { startToCloseTimeout: '5 minutes', heartbeatTimeout: '15 seconds' } as const;
      const slow = { ...options, ...times };
      return name === 'sendNotifications'
        ? proxyActivities<NotificationActivities>({ ...slow, taskQueue: TASK_QUEUES.effects })[
            name
          ](input)
        : proxyActivities<StoreActivities>(slow)[name](input);
    },
  });
}

import {
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { TerritoryActivities, TerritoryInput } from '../activities/territory.js';
import type { WorkflowResult } from '../domain/workflow-step.js';
import { ADVANCE, runProcess } from './process-loop.js';

const { advanceTerritory } = proxyLocalActivities<TerritoryActivities>(ADVANCE);

/** Bills a territory, period after period, until it stops. Unarchived, it is started again. */
export async function territory(input: TerritoryInput): Promise<WorkflowResult> {
  return runProcess<'renewTerritory'>({
    // Parses the input, which may be anything: it is not read here before that.
    advance: async () => {
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof territory>(input);
      return advanceTerritory(input, workflowInfo().workflowId);
    },
    call: (name, options) => proxyActivities<TerritoryActivities>(options)[name](input),
  });
}

import { z } from 'zod';
import { territoryMachine } from '../domain/territories/machine.js';
import { transitionsLink } from '../domain/names/links.js';
import { territoryWorkflowId } from '../domain/names/workflows.js';
import type { LinkedStep } from '../domain/workflow-step.js';
import type { EngineContext } from '../engine/context.js';
import {
  advanceTerritory,
  renewDue,
  type TerritoryCall,
} from '../engine/renewals/advance-territory.js';
import { checkWorkflowId, parseInput } from './door.js';

const territoryInput = z.strictObject({ territory: z.string().regex(/^[1-9]\d{0,17}$/) });
export type TerritoryInput = z.output<typeof territoryInput>;

/** What `territory` runs. Recorded by name in histories. */
export type TerritoryActivities = Readonly<
  Record<TerritoryCall, (input: TerritoryInput) => Promise<void>>
> & {
  /** `workflowId`: of the workflow that asks. */
  advanceTerritory(input: TerritoryInput, workflowId?: string): Promise<LinkedStep<TerritoryCall>>;
};

/** `apiUrl`: where operators reach the API. */
export function createTerritoryActivities(
  engine: EngineContext,
  apiUrl: string,
): TerritoryActivities {
  return {
    advanceTerritory: async (input, workflowId) => {
      const { territory } = parseInput(territoryInput, input);
      checkWorkflowId(territoryWorkflowId(territory), workflowId);
      const link = transitionsLink(apiUrl, territoryMachine.name, territory);
      return { ...(await advanceTerritory(engine, territory)), link };
    },
    renewTerritory: (input) => renewDue(engine, parseInput(territoryInput, input).territory),
  };
}

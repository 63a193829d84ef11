import type { TerritoryState } from '../../domain/territories/machine.js';
import { territoryWorkflowId } from '../../domain/names/workflows.js';
import type { WorkflowStart } from '../outbox.js';

/** Also for the sweep, which starts it again where it was lost. */
export function territoryStart(
  id: bigint,
  { name, state }: { readonly name: string; readonly state: TerritoryState },
): WorkflowStart {
  return {
    workflowType: 'territory',
    workflowId: territoryWorkflowId(id.toString()),
    input: { territory: id.toString() },
    attributes: { QState: state },
    summary: `territory ${name}`,
  };
}

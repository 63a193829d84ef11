import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowType } from '../../../domain/names/workflows.js';

/** Their rows say everything about them: the relay's sweep starts them again. */
const OWNERS_OF_ROWS: readonly WorkflowType[] = ['paidAction', 'transmissionOrder'];

const PAGE_SIZE = 200;
const REASON = 'quittance upgrade: it is started again from its row';

/**
 * Terminates the runs that own attempts and orders, since their histories are those of an earlier release. Returns how many. What the
 * list does not show yet is replaced by the sweep, as its tasks fail. Throws when Temporal does not answer.
 */
export async function terminateWorkflows(client: Client, pageSize = PAGE_SIZE): Promise<number> {
  const types = OWNERS_OF_ROWS.map((type) => `'${type}'`).join(', ');
  const query = `WorkflowType in (${types}) and ExecutionStatus = 'Running'`;
  let terminated = 0;
  let page: Promise<boolean>[] = [];
  const finishPage = async (): Promise<void> => {
    terminated += (await Promise.all(page)).filter((done) => done).length;
    page = [];
  };
  for await (const { workflowId, runId } of client.workflow.list({ query, pageSize })) {
    page.push(terminate(client, workflowId, runId));
    if (page.length === pageSize) await finishPage();
  }
  await finishPage();
  return terminated;
}

/** False where it had ended. */
async function terminate(client: Client, workflowId: string, runId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId, runId).terminate(REASON);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

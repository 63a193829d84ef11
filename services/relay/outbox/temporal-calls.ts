import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
} from '@temporalio/common';
import { WAKE_SIGNAL } from '../../../domain/names/workflows.js';
import type { StartPayload } from './start-payload.js';

const CALL_TIMEOUT_MS = 5_000;
/** Temporal's limit for a summary, in bytes. */
const LONGEST_SUMMARY = 200;

/** Starts the workflow unless one with its id was ever started. Whether it was started now. */
export async function startOnce(client: Client, start: StartPayload): Promise<boolean> {
  const options = { ...optionsOf(start), workflowIdReusePolicy: 'REJECT_DUPLICATE' as const };
  try {
    await inTime(client, () => client.workflow.start(start.workflowType, options));
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Wakes the workflow that runs; starts it where it is closed, or lost with Temporal's data. */
export async function startOrWake(client: Client, start: StartPayload): Promise<void> {
  const options = {
    ...optionsOf(start),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    signal: WAKE_SIGNAL,
    signalArgs: [],
  };
  await inTime(client, () => client.workflow.signalWithStart(start.workflowType, options));
}

/** Nothing happens when it has not started, for then it will read the row, or is over. */
export async function wake(client: Client, workflowId: string): Promise<void> {
  try {
    await inTime(client, () => client.workflow.getHandle(workflowId).signal(WAKE_SIGNAL));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function inTime<T>(client: Client, call: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + CALL_TIMEOUT_MS, call);
}

function optionsOf(start: StartPayload): WorkflowStartOptions & { args: unknown[] } {
  return {
    workflowId: start.workflowId,
    taskQueue: start.taskQueue,
    args: [start.input],
    typedSearchAttributes: new TypedSearchAttributes(
      Object.entries(start.attributes).map(([name, value]) => ({
        key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
        value,
      })),
    ),
    staticSummary: shortened(start.summary),
  };
}

/** Within the limit, without half a character at the end. */
function shortened(summary: string): string {
  const bytes = Buffer.from(summary);
  if (bytes.length <= LONGEST_SUMMARY) return summary;
  return new TextDecoder().decode(bytes.subarray(0, LONGEST_SUMMARY - 3)).replace(/\uFFFD+$/u, '');
}

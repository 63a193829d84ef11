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
import { z } from 'zod';
import { SEARCH_ATTRIBUTES } from '../../../domain/names/search-attributes.js';
import { WAKE_SIGNAL } from '../../../domain/names/workflows.js';

const CALL_TIMEOUT_MS = 5_000;
/** Temporal's limit for a summary, in bytes. */
const LONGEST_SUMMARY = 200;

/** The payload of a start, as engine/outbox.ts writes it. Parsed, since another release may have written the row. */
export const startPayload = z.object({
  workflowType: z.string(),
  workflowId: z.string(),
  taskQueue: z.string(),
  input: z.record(z.string(), z.union([z.string(), z.number()])),
  attributes: z.partialRecord(z.enum(SEARCH_ATTRIBUTES), z.string()),
  summary: z.string(),
  recover: z.boolean().default(false),
  replace: z.boolean().default(false),
  /** A wake was folded into it: the workflow is woken if it runs already. */
  wake: z.boolean().default(false),
});

export type StartPayload = z.output<typeof startPayload>;

/** Starts the workflow unless one with its id was ever started. Returns whether it was started now. */
export async function startOnce(client: Client, start: StartPayload): Promise<boolean> {
  const options = { ...optionsOf(start), workflowIdReusePolicy: 'REJECT_DUPLICATE' as const };
  try {
    await withTimeout(client, () => client.workflow.start(start.workflowType, options));
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Wakes a running workflow; starts one that is closed, or was lost with Temporal's data. */
export async function startOrWake(client: Client, start: StartPayload): Promise<void> {
  const options = {
    ...optionsOf(start),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    signal: WAKE_SIGNAL,
    signalArgs: ['found overdue'],
  };
  await withTimeout(client, () => client.workflow.signalWithStart(start.workflowType, options));
}

/** Starts the workflow, and terminates a run of it that exists: one that fails for ever must not keep its row. */
export async function startAnew(client: Client, start: StartPayload): Promise<void> {
  const options = {
    ...optionsOf(start),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'TERMINATE_EXISTING' as const,
  };
  await withTimeout(client, () => client.workflow.start(start.workflowType, options));
}

/** Does nothing when no such workflow runs: one that starts later reads the row then, and one that is closed needs no wake. */
export async function wake(client: Client, workflowId: string, reason: string): Promise<void> {
  const { workflow } = client;
  try {
    await withTimeout(client, () => workflow.getHandle(workflowId).signal(WAKE_SIGNAL, reason));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function withTimeout<T>(client: Client, call: () => Promise<T>): Promise<T> {
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
    staticSummary: truncated(start.summary),
  };
}

/** Cut to the limit, without a partial character at the end. */
function truncated(summary: string): string {
  const bytes = Buffer.from(summary);
  if (bytes.length <= LONGEST_SUMMARY) return summary;
  return new TextDecoder().decode(bytes.subarray(0, LONGEST_SUMMARY - 3)).replace(/\uFFFD+$/u, '');
}

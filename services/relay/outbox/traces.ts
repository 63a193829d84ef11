import type { Pool } from 'pg';
import { z } from 'zod';
import { actionWorkflowId } from '../../../domain/names/workflows.js';
import { isTracing } from '../../shared/tracing/span.js';
import { storedTraces } from '../../shared/tracing/stored-traces.js';
import type { OutboxRow, Run } from './destination.js';
import type { CallRow } from './node/take-calls.js';

const ofAttempt = z.object({ actionId: z.string(), attempt: z.number() });

/** Rows that were written outside of any trace join that of their attempt or order. The same runs where this process does not trace. */
export async function withTraces(pool: Pool, runs: readonly Run[]): Promise<readonly Run[]> {
  if (!isTracing() || runs.length === 0) return runs;
  const workflowIds = runs.flat().flatMap((row) => (hasOwn(row) ? [] : (workflowOf(row) ?? [])));
  const stored = await storedOrNone(pool, { workflowIds });
  return runs.map((run) =>
    run.map((row) => ({
      ...row,
      traceparent: row.traceparent ?? stored.get(workflowOf(row) ?? '') ?? null,
    })),
  );
}

/** The same for calls to the node. */
export async function callsWithTraces(pool: Pool, calls: readonly CallRow[]): Promise<CallRow[]> {
  if (!isTracing() || calls.length === 0) return [...calls];
  const hashes = calls.filter((call) => !hasOwn(call)).map(({ hash }) => hash);
  const stored = await storedOrNone(pool, { hashes });
  return calls.map((call) => ({
    ...call,
    traceparent: call.traceparent ?? stored.get(call.hash) ?? null,
  }));
}

function hasOwn({ traceparent }: { readonly traceparent?: string | null }): boolean {
  return typeof traceparent === 'string';
}

function workflowOf({ kind, subject, payload }: OutboxRow): string | undefined {
  if (kind !== 'event') return subject;
  const { data } = ofAttempt.safeParse(payload);
  return data && actionWorkflowId(data.actionId, data.attempt);
}

/** Rows are delivered whether or not their traces can be read. */
function storedOrNone(
  ...args: Parameters<typeof storedTraces>
): Promise<ReadonlyMap<string, string>> {
  return storedTraces(...args).catch(() => new Map<string, string>());
}

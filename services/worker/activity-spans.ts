import type { Pool } from 'pg';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { inSpan, isTracing } from '../shared/tracing/span.js';
import { storedTraces } from '../shared/tracing/stored-traces.js';

/** Workflows whose traces are remembered; the oldest is forgotten, and read again. */
const MOST = 10_000;

/**
 * A span for each try of an activity, in the trace in which the workflow's attempt or order was opened. It is read from the row, so neither
 * the workflow's code nor its history knows of traces, and nothing that is traced or not can keep it from replaying.
 */
export function activitySpans(pool: Pool): readonly ActivityInterceptorsFactory[] {
  if (!isTracing()) return [];
  const traces = new Traces(pool);
  return [
    ({ info }) => ({
      inbound: {
        async execute(input, next) {
          const { workflowExecution, activityType, attempt, isLocal } = info;
          const workflowId = workflowExecution?.workflowId ?? '';
          const attributes = {
            ...{ 'temporal.workflow_id': workflowId, 'temporal.local': isLocal },
            ...{ 'temporal.workflow_type': info.workflowType ?? '', 'temporal.attempt': attempt },
          };
          const parent = await traces.of(workflowId);
          return inSpan(`activity ${activityType}`, { attributes, parent }, () => next(input));
        },
      },
    }),
  ];
}

class Traces {
  readonly #known = new Map<string, string>();

  constructor(private readonly pool: Pool) {}

  /** Undefined for a workflow that belongs to no trace. */
  async of(workflowId: string): Promise<string | undefined> {
    const known = this.#known.get(workflowId);
    if (known !== undefined) return known === '' ? undefined : known;
    const found = await storedTraces(this.pool, { workflowIds: [workflowId] }).catch(
      () => undefined,
    );
    if (found === undefined) return undefined;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MOST && oldest !== undefined) this.#known.delete(oldest);
    const traceparent = found.get(workflowId);
    this.#known.set(workflowId, traceparent ?? '');
    return traceparent;
  }
}

import type { Pool } from 'pg';
import { actionWorkflowId } from '../../../domain/names/workflows.js';
import type { AroundEffect } from '../../../engine/actions/run-effects.js';
import { inSpan, isTracing } from '../../shared/tracing/span.js';
import { storedTraces } from '../../shared/tracing/stored-traces.js';

/** Each effect of an action is a span of the trace in which its attempt was opened. */
export function effectSpans(pool: Pool): AroundEffect {
  return async ({ action_id, attempt, kind }, run) => {
    if (!isTracing()) return run();
    const id = actionWorkflowId(action_id, attempt);
    const stored = await storedTraces(pool, { workflowIds: [id] }).catch(() => undefined);
    return inSpan(`effect ${kind}`, { parent: stored?.get(id) }, run);
  };
}

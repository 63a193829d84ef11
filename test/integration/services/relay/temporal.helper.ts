import type { Client } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { type WorkflowStart, enqueueStart, enqueueWake } from '../../../../engine/outbox.js';
import { inTransaction } from '../../../../db/transaction.js';
import { connectTemporal, type TemporalClient } from '../../../../services/shared/temporal.js';
import { logger } from './fixture.helper.js';

export const NAMESPACE = 'default';

export function temporalForTest(address = process.env['TEMPORAL_ADDRESS'] ?? ''): TemporalClient {
  const config = { temporalAddress: address, temporalNamespace: NAMESPACE };
  return connectTemporal(config, logger, { retries: false });
}

/** A workflow without a worker: it stays as it was started. */
export function testStart(overrides: Partial<WorkflowStart> = {}): WorkflowStart {
  return {
    workflowType: 'paidAction',
    workflowId: `action/${randomUUID()}/1`,
    input: { actionId: 'an action', attempt: 1 },
    attributes: { QType: 'ZAP', QState: 'INVOICING' },
    summary: 'a zap of 1 sat',
    ...overrides,
  };
}

export function start(pool: Pool, workflow: WorkflowStart): Promise<void> {
  return inTransaction(pool, (tx) => enqueueStart(tx, workflow));
}

export function wake(pool: Pool, workflowId: string): Promise<void> {
  return inTransaction(pool, (tx) => enqueueWake(tx, workflowId, 'a test'));
}

/** Signals in the history of the last run. */
export async function wakesOf(client: Client, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const signals = (events ?? []).map((e) => e.workflowExecutionSignaledEventAttributes?.signalName);
  return signals.filter((name) => name === 'wake').length;
}

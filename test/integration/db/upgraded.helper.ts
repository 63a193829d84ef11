import type { Pool } from 'pg';
import { createPaidActionActivities } from '../../../activities/paid-action.js';
import { createTransmissionOrderActivities } from '../../../activities/transmission-order.js';
import type { NodeCallKind } from '../../../domain/invoices/node-calls.js';
import type { WorkflowStart } from '../../../engine/outbox.js';
import { makeCall } from '../../../engine/incoming/make-call.js';
import { sweep } from '../../../services/relay/maintenance/sweep.js';
import { sweptAttempts, sweptOrders } from '../../../services/relay/maintenance/swept-tables.js';
import type { ActionFixture } from '../engine/actions/fixture.helper.js';

const API_URL = 'http://127.0.0.1:8420';

/** The calls to the node that are in the outbox, as a relay makes them. Returns their kinds, in their order. */
export async function makeCalls({ pool, engine }: ActionFixture): Promise<NodeCallKind[]> {
  const { rows } = await pool.query<{ id: bigint; kind: NodeCallKind; hash: string }>(
    `select id, kind, subject as hash from outbox
     where destination = 'node' and published_at is null order by priority, id`,
  );
  for (const { id, kind, hash } of rows) {
    await makeCall(engine, kind, hash);
    await pool.query('update outbox set published_at = clock_timestamp() where id = $1', [id]);
  }
  return rows.map(({ kind }) => kind);
}

/** What the sweep would have Temporal start now. */
async function sweptUp(pool: Pool): Promise<WorkflowStart[]> {
  const options = { graceSeconds: 0, isBehind: false };
  await sweep(pool, sweptAttempts, options);
  await sweep(pool, sweptOrders, options);
  const { rows } = await pool.query<{ payload: WorkflowStart }>(
    `update outbox set published_at = clock_timestamp()
     where destination = 'temporal' and kind = 'start' and published_at is null returning payload`,
  );
  return rows.map(({ payload }) => payload);
}

export interface Waiting {
  readonly workflowId: string;
  /** Null: until it is woken. */
  readonly waitMs: number | null;
}

/** Runs the workflows that the sweep starts, each until it waits or has ended. Returns those that wait. */
export async function runSwept(fixture: ActionFixture): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const start of await sweptUp(fixture.pool)) {
    const waitMs = await untilItWaits(stepsOf(fixture, start));
    if (waitMs !== 'ended') waiting.push({ workflowId: start.workflowId, waitMs });
  }
  return waiting;
}

interface Stepped {
  readonly call: string | null;
  readonly finished: boolean;
  readonly waitMs: number | null;
}

/** One turn of a workflow's loop: its step, and the call that the step asks for. */
function stepsOf({ engine }: ActionFixture, start: WorkflowStart): () => Promise<Stepped> {
  const { workflowType, input } = start;
  if (workflowType === 'paidAction') {
    const activities = createPaidActionActivities(engine, {
      apiUrl: API_URL,
      trustsStarts: true,
    });
    const ref = { actionId: String(input['actionId']), attempt: Number(input['attempt']) };
    return async () => {
      const step = await activities.advanceAction(ref);
      if (step.call !== null) await activities[step.call](ref);
      return step;
    };
  }
  const activities = createTransmissionOrderActivities(engine, {
    apiUrl: API_URL,
    trustsStarts: true,
  });
  const order = { orderId: String(input['orderId']) };
  return async () => {
    const step = await activities.advanceOrder(order);
    if (step.call !== null) await activities[step.call](order);
    return step;
  };
}

async function untilItWaits(step: () => Promise<Stepped>): Promise<number | null | 'ended'> {
  for (let turns = 0; turns < 10; turns += 1) {
    const { call, finished, waitMs } = await step();
    if (finished) return 'ended';
    if (call === null) return waitMs;
  }
  throw new Error('its calls do not end');
}

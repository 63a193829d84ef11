import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import { enqueueStart, UNPAID_PRIORITY } from '../../../../engine/outbox.js';
import { deliverBatch } from '../../../../services/relay/outbox/deliver-batch.js';
import type { Destination, OutboxRow } from '../../../../services/relay/outbox/destination.js';
import { waitUntil } from '../../../support/wait-until.js';
import { relayDatabase, startLoop, unpublished, type Database } from './fixture.helper.js';
import { recorder } from './recorder.helper.js';
import { start, testStart, wake } from './temporal.helper.js';

let database: Database;

beforeAll(async () => {
  database = await relayDatabase();
});

beforeEach(() => database.pool.query('truncate outbox'));

afterAll(() => database.close());

function toTemporal(rows: number): Destination & { readonly seen: OutboxRow[] } {
  return { ...recorder({ keys: rows, rows }), name: 'temporal', order: 'priority' };
}

async function startUnpaid(): Promise<string> {
  const workflow = testStart();
  await inTransaction(database.pool, (tx) =>
    enqueueStart(tx, workflow, { priority: UNPAID_PRIORITY }),
  );
  return workflow.workflowId;
}

const idsOf = (rows: readonly OutboxRow[]): string[] => rows.map(({ subject }) => subject);

describe('rows for Temporal', () => {
  it('go by priority, then by age: wakes, starts, starts of what is unpaid', async () => {
    const unpaid = await startUnpaid();
    const first = testStart();
    const second = testStart();
    await start(database.pool, first);
    await start(database.pool, second);
    await wake(database.pool, 'order/1');
    const destination = toTemporal(1);
    for (let n = 0; n < 4; n += 1) await deliverBatch(database.pool, destination);
    expect(idsOf(destination.seen)).toEqual([
      'order/1',
      first.workflowId,
      second.workflowId,
      unpaid,
    ]);
  });

  it('never starve: one batch in five takes the oldest', async () => {
    const oldest = await startUnpaid();
    for (let n = 0; n < 30; n += 1) await wake(database.pool, `order/${n}`);
    const destination = toTemporal(1);
    const loop = startLoop(database, destination);
    await waitUntil('all are delivered', async () => (await unpublished(database.pool)) === 0);
    await loop.stop();
    expect(idsOf(destination.seen).indexOf(oldest)).toBeLessThan(5);
  });

  it('that are starts of what is unpaid wait while Temporal is behind, the oldest too', async () => {
    let isBehind = true;
    const destination: Destination & { readonly seen: OutboxRow[] } = {
      ...toTemporal(1),
      lastPriority: () => (isBehind ? UNPAID_PRIORITY - 1 : 9),
    };
    const unpaid = await startUnpaid();
    const loop = startLoop(database, destination, { pollMs: 10 });
    for (let n = 0; n < 12; n += 1) {
      await start(database.pool, testStart());
      loop.loop.wake();
    }
    await waitUntil(
      'the others are delivered',
      async () => (await unpublished(database.pool)) === 1,
    );
    expect(destination.seen).toHaveLength(12);
    expect(idsOf(destination.seen)).not.toContain(unpaid);
    isBehind = false;
    await waitUntil('all are delivered', async () => (await unpublished(database.pool)) === 0);
    await loop.stop();
  });

  it('are coalesced: a wake is dropped when its workflow is still to be started', async () => {
    const workflowId = await startUnpaid();
    await wake(database.pool, workflowId);
    await wake(database.pool, 'order/other');
    const destination = toTemporal(10);
    const held = await deliverBatch(database.pool, destination, { lastPriority: 3 });
    expect(idsOf(destination.seen)).toEqual(['order/other']);
    expect(held.published).toHaveLength(2);
    // Something has happened to its attempt: it waits no longer for a Temporal that is behind.
    await deliverBatch(database.pool, destination, { lastPriority: UNPAID_PRIORITY - 1 });
    expect(destination.seen.at(-1)).toMatchObject({ subject: workflowId, payload: { wake: true } });
    // Once the start has been taken, nobody knows whether the workflow runs.
    await database.pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload, priority, lease)
       select destination, kind, ordering_key, subject, payload, priority, lease from outbox where kind = 'start'`,
    );
    await database.pool.query(`delete from outbox where kind = 'wake'`);
    await wake(database.pool, workflowId);
    await deliverBatch(database.pool, destination, { lastPriority: 3 });
    expect(destination.seen.at(-1)).toMatchObject({ subject: workflowId, kind: 'wake' });
  });
});

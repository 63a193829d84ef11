import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readStuck } from '../../../../engine/operator/read-stuck.js';
import { actionWorkflowId, orderWorkflowId } from '../../../../domain/names/workflows.js';
import { temporalDestination } from '../../../../services/relay/outbox/temporal-destination.js';
import { sweep } from '../../../../services/relay/maintenance/sweep.js';
import {
  sweptAttempts,
  sweptOrders,
  sweptStores,
} from '../../../../services/relay/maintenance/swept-tables.js';
import { waitUntil } from '../../../support/wait-until.js';
import { logger, relayDatabase, startLoop, unpublished, type Database } from './fixture.helper.js';
import * as rows from './open-rows.helper.js';
import { NAMESPACE, start, temporalForTest, testStart } from './temporal.helper.js';
import { emptyTables } from '../../../support/empty-database.js';

const GRACE_SECONDS = 15;

let database: Database;

beforeAll(async () => {
  database = await relayDatabase();
});

beforeEach(() => emptyTables(database.pool, 'outbox, attempts, actions, orders, invoices'));

afterAll(() => database.close());

const insertAttempts = (count: number, dueSecondsAgo: number): Promise<string[]> =>
  rows.insertAttempts(database.pool, count, dueSecondsAgo);

const insertOrder = (dueSecondsAgo: number): Promise<string> =>
  rows.insertOrder(database.pool, dueSecondsAgo);

const KEEPS_UP = { graceSeconds: GRACE_SECONDS, isBehind: false };
const BEHIND = { graceSeconds: GRACE_SECONDS, isBehind: true };

const sweepAttempts = (options = KEEPS_UP): Promise<number> =>
  sweep(database.pool, sweptAttempts, options);

interface StartRow {
  readonly ordering_key: string;
  readonly payload: Record<string, unknown>;
}

async function starts(): Promise<StartRow[]> {
  const { rows } = await database.pool.query<StartRow>(
    `select ordering_key, payload from outbox where destination = 'temporal' and kind = 'start' order by id`,
  );
  return rows;
}

async function secondsUntilDue(actionId: string | undefined): Promise<number> {
  const { rows } = await database.pool.query<{ wait: number }>(
    `select extract(epoch from due_at - now())::float8 as wait from attempts where action_id = $1`,
    [actionId],
  );
  return rows[0]?.wait ?? NaN;
}

async function dueAt(actionId: string | undefined): Promise<Date | undefined> {
  const { rows } = await database.pool.query<{ due_at: Date }>(
    'select due_at from attempts where action_id = $1',
    [actionId],
  );
  return rows[0]?.due_at;
}

function sweptSecondsAgo(seconds: number): Promise<unknown> {
  return database.pool.query(
    `update attempts set swept_at = clock_timestamp() - $1 * interval '1 second'`,
    [seconds],
  );
}

function deliverAll(): Promise<unknown> {
  return database.pool.query('update outbox set published_at = now() where published_at is null');
}

describe('the sweep', () => {
  it('recovers attempts past their deadline by more than the grace, and no others', async () => {
    const [lost] = await insertAttempts(1, GRACE_SECONDS + 5);
    const [late] = await insertAttempts(1, GRACE_SECONDS - 5);
    const [early] = await insertAttempts(1, -60);
    expect(await sweepAttempts()).toBe(1);
    expect(await starts()).toEqual([
      {
        ordering_key: actionWorkflowId(lost ?? '', 2),
        payload: {
          workflowType: 'paidAction',
          workflowId: actionWorkflowId(lost ?? '', 2),
          taskQueue: 'actions',
          input: { actionId: lost, attempt: 2 },
          attributes: { QType: 'ZAP', QState: 'PENDING' },
          summary: 'ZAP, found past its deadline',
          recover: true,
        },
      },
    ]);
    expect(await secondsUntilDue(lost)).toBeLessThan(-GRACE_SECONDS - 4);
    expect(await secondsUntilDue(late)).toBeLessThan(0);
    expect(await secondsUntilDue(early)).toBeGreaterThan(50);
  });

  it('recovers orders', async () => {
    const id = await insertOrder(GRACE_SECONDS + 5);
    await insertOrder(0);
    expect(await sweep(database.pool, sweptOrders, KEEPS_UP)).toBe(1);
    expect((await starts()).map(({ payload }) => payload)).toEqual([
      {
        workflowType: 'transmissionOrder',
        workflowId: orderWorkflowId(id),
        taskQueue: 'transmissions',
        input: { orderId: id },
        attributes: { QType: 'order', QState: 'pending', QChannel: '1' },
        summary: 'channel 1, found past its deadline',
        recover: true,
      },
    ]);
    expect(await sweep(database.pool, sweptOrders, KEEPS_UP)).toBe(0);
  });

  it('skips rows whose start is still in the outbox, and looks past them', async () => {
    // More than a page of them, and older than the lost one.
    const waiting = await insertAttempts(501, 1_000);
    await database.pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload)
       select 'temporal', 'start', w, w, '{}' from unnest($1::text[]) w`,
      [waiting.map((id) => actionWorkflowId(id, 2))],
    );
    const [lost] = await insertAttempts(1, GRACE_SECONDS + 5);
    expect(await sweepAttempts()).toBe(1);
    expect((await starts()).map((row) => row.ordering_key).slice(501)).toEqual([
      actionWorkflowId(lost ?? '', 2),
    ]);
    expect(await secondsUntilDue(waiting[0])).toBeLessThan(-900);
    // Started, and still past its deadline: lost as well.
    await database.pool.query('update outbox set published_at = now()');
    expect(await sweepAttempts()).toBe(501);
  });

  it('leaves since when a row is overdue, counts its tries, and waits longer after each', async () => {
    const [id] = await insertAttempts(1, 100);
    const due = await dueAt(id);
    for (const [tries, wait] of [
      GRACE_SECONDS * 2,
      GRACE_SECONDS * 4,
      GRACE_SECONDS * 8,
    ].entries()) {
      expect(await sweepAttempts()).toBe(1);
      await deliverAll();
      expect(await sweepAttempts()).toBe(0);
      await sweptSecondsAgo(wait - 1);
      expect(await sweepAttempts()).toBe(0);
      await sweptSecondsAgo(wait + 1);
      const [stuck] = await readStuck(database.pool, undefined, 10);
      expect(stuck?.tries).toBe(tries + 1);
      expect(stuck?.since).toEqual(due);
    }
  });

  it('begins to count again with another deadline', async () => {
    const [id] = await insertAttempts(1, 100);
    await sweepAttempts();
    await deliverAll();
    await database.pool.query(`update attempts set due_at = due_at + interval '10 seconds'`);
    expect(await readStuck(database.pool, undefined, 10)).toMatchObject([{ tries: 0 }]);
    expect(await sweepAttempts()).toBe(1);
    expect(await readStuck(database.pool, undefined, 10)).toMatchObject([
      { tries: 1, since: await dueAt(id) },
    ]);
  });

  it('replaces the run of a workflow that did nothing after three sweeps', async () => {
    await insertAttempts(1, 1_000);
    for (let n = 0; n < 4; n += 1) {
      expect(await sweepAttempts()).toBe(1);
      await deliverAll();
      await sweptSecondsAgo(600);
    }
    expect((await starts()).map(({ payload }) => payload['replace'])).toEqual([
      ...[undefined, undefined, undefined],
      true,
    ]);
  });

  it('while Temporal is behind, acts once for each deadline and replaces no run', async () => {
    await insertAttempts(1, 1_000);
    expect(await sweepAttempts(BEHIND)).toBe(1);
    await deliverAll();
    await sweptSecondsAgo(600);
    expect(await sweepAttempts(BEHIND)).toBe(0);
    await database.pool.query('update attempts set sweeps = 7');
    expect(await sweepAttempts(BEHIND)).toBe(0);
    expect(await sweepAttempts()).toBe(1);
  });

  it('by several relays at once recovers each row once', async () => {
    const ids = await insertAttempts(1_200, 60);
    const recovered = await Promise.all([sweepAttempts(), sweepAttempts(), sweepAttempts()]);
    // What one had locked, the others skipped.
    const rest = await sweepAttempts();
    expect(recovered.reduce((sum, n) => sum + n, rest)).toBe(1_200);
    const keys = (await starts()).map((row) => row.ordering_key).sort();
    expect(keys).toEqual(ids.map((id) => actionWorkflowId(id, 2)).sort());
  });

  it('does not wait for a row that another transaction has locked', async () => {
    const [held] = await insertAttempts(1, 60);
    const other = await database.pool.connect();
    try {
      await other.query('begin');
      await other.query('select from attempts where action_id = $1 for no key update', [held]);
      expect(await sweepAttempts()).toBe(0);
    } finally {
      await other.query('rollback');
      other.release();
    }
    expect(await sweepAttempts()).toBe(1);
  });
});

describe('with Temporal', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('starts workflows that were lost and those that were closed', async () => {
    const client = temporalForTest();
    cleanups.push(() => client.connection.close());
    const loop = startLoop(database, temporalDestination(client, NAMESPACE, logger));
    cleanups.push(() => loop.stop());
    const [lost = '', closed = ''] = await insertAttempts(2, 60);
    const handle = client.workflow.getHandle(actionWorkflowId(closed, 2));
    await start(database.pool, testStart({ workflowId: handle.workflowId }));
    loop.loop.wake();
    await waitUntil('it is started', async () => (await unpublished(database.pool)) === 0);
    await handle.terminate();

    expect(await sweepAttempts()).toBe(2);
    loop.loop.wake();
    await waitUntil('they are started', async () => (await unpublished(database.pool)) === 0);
    for (const id of [lost, closed]) {
      const found = await client.workflow.getHandle(actionWorkflowId(id, 2)).describe();
      expect(found.status.name).toBe('RUNNING');
      expect(found.taskQueue).toBe('actions');
    }
  });
});

describe('the sweep of stores', () => {
  it('starts the workflow of an open store that is past its time, and of no other', async () => {
    await database.pool.query(
      `insert into stores (id, url, name, installed_at, watermark, due_at, closed_at)
       select id, 'https://shop.example', id, now(), now(), due, closed from (values
         ('late', now() - interval '1 minute', null::timestamptz), ('in-time', now() + interval '1 minute', null), ('closed', null, now()))
       s (id, due, closed)`,
    );
    expect(await sweep(database.pool, sweptStores, KEEPS_UP)).toBe(1);
    expect(await starts()).toMatchObject([
      { ordering_key: 'store/late', payload: { workflowType: 'store', input: { store: 'late' } } },
    ]);
    await deliverAll();
    // Not again for the same time, until the grace has passed.
    expect(await sweep(database.pool, sweptStores, KEEPS_UP)).toBe(0);
    await database.pool.query(
      `update stores set swept_at = swept_at - interval '1 minute' where id = 'late'`,
    );
    expect(await sweep(database.pool, sweptStores, BEHIND)).toBe(0);
    expect(await sweep(database.pool, sweptStores, KEEPS_UP)).toBe(1);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { msUntilDue } from '../../../../services/relay/outbox/take-rows.js';
import { waitUntil } from '../../../support/wait-until.js';
import { insertRow, relayDatabase, type Database } from './fixture.helper.js';

const POLL_MS = 60_000;
/** How late a row may be seen that falls due between two looks. */
const JUST_DUE_MS = 250;

let database: Database;

beforeAll(async () => {
  database = await relayDatabase();
});

beforeEach(() => database.pool.query('truncate outbox'));

afterAll(() => database.close());

/** A row that falls due so many ms from now. */
async function insertDue(inMs: number): Promise<void> {
  const id = await insertRow(database.pool, { key: `${inMs}`, subject: 'actions.zap.paid' });
  await fallDue(id, inMs);
}

function fallDue(id: bigint, inMs: number): Promise<unknown> {
  return database.pool.query(
    `update outbox set available_at = clock_timestamp() + $2 * interval '1 millisecond' where id = $1`,
    [id, inMs],
  );
}

async function dueForMs(id: bigint): Promise<number> {
  const { rows } = await database.pool.query<{ ms: number }>(
    `select extract(epoch from clock_timestamp() - available_at)::float8 * 1000 as ms from outbox where id = $1`,
    [id],
  );
  return rows[0]?.ms ?? Infinity;
}

const look = (): Promise<number> =>
  msUntilDue(database.pool, { destination: 'nats', pollMs: POLL_MS });

describe('the wait for the next row that falls due', () => {
  it('is the poll interval when none falls due earlier', async () => {
    expect(await look()).toBe(POLL_MS);
    await insertDue(2 * POLL_MS);
    expect(await look()).toBe(POLL_MS);
  });

  it('ends when the first falls due', async () => {
    await insertDue(40_000);
    await insertDue(20_000);
    await insertDue(2 * POLL_MS);
    const ms = await look();
    expect(ms).toBeLessThanOrEqual(20_000);
    expect(ms).toBeGreaterThan(5_000);
  });

  it('is short when a row has just fallen due, which the batch before may have missed', async () => {
    await insertDue(40_000);
    const id = await insertRow(database.pool, { key: 'just', subject: 'actions.zap.paid' });
    const ms = await waitUntil('a look that is in time', async () => {
      await fallDue(id, 0);
      const found = await look();
      return (await dueForMs(id)) < JUST_DUE_MS && found;
    });
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThan(50);
  });

  it('ignores rows under a lease, and those that have to wait for now', async () => {
    const taken = await insertRow(database.pool, { key: 'taken', subject: 'actions.zap.paid' });
    await database.pool.query(
      `update outbox set leased_until = clock_timestamp() + interval '1 hour' where id = $1`,
      [taken],
    );
    expect(await look()).toBe(POLL_MS);
    await database.pool.query('update outbox set leased_until = null, priority = 4');
    const held = { destination: 'nats', pollMs: POLL_MS, lastPriority: 3 } as const;
    expect(await msUntilDue(database.pool, held)).toBe(POLL_MS);
  });

  it('ignores rows due for longer: they wait for another of their key', async () => {
    await insertDue(-10_000);
    expect(await look()).toBe(POLL_MS);
    await insertDue(20_000);
    expect(await look()).toBeGreaterThan(5_000);
  });
});

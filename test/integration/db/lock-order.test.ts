import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MachineTable, transitionAll } from '../../../engine/transition.js';
import { readEpoch } from '../../../db/installation.js';
import { inTransaction } from '../../../db/transaction.js';
import { defineMachine } from '../../../domain/machine.js';
import { dedupe } from '../../../services/relay/consumer/dedupe.js';
import { waitForBlockedConnections } from '../../support/blocked-connections.js';
import { type Database, relayDatabase } from '../services/relay/fixture.helper.js';

const WALKERS: MachineTable<'still' | 'moving', 'go'> = {
  machine: defineMachine({
    name: 'walker',
    states: { still: { awaits: 'a test' }, moving: { awaits: 'nothing', terminal: true } },
    transitions: { go: { from: ['still'], to: 'moving', because: 'a test moved it' } },
  }),
  table: 'walkers',
  keyColumns: ['id'],
  keyTypes: ['text'],
};

/** Requested in this order, which is also the physical order of the rows: neither the order of keys nor its reverse. */
const REQUESTED = Array.from('qwertzuiopmasdfghjklyxcvbn');
const LOCKED = 'm';
const AFTER = Array.from('nopqrstuvwxyz');

let database: Database;

beforeAll(async () => {
  database = await relayDatabase();
  await database.pool.query(
    `create table walkers (id text primary key, state text not null default 'still')`,
  );
  await database.pool.query('insert into walkers (id) select unnest($1::text[])', [REQUESTED]);
});
afterAll(() => database.close());

/** While another transaction has locked one row: what `look` sees when `lockAll` waits for that row. */
async function whileOneIsLocked<T>(
  lockOne: (tx: PoolClient) => Promise<unknown>,
  lockAll: (tx: PoolClient) => Promise<unknown>,
  look: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  const { pool } = database;
  let waiting: Promise<unknown> | undefined;
  const seen = await inTransaction(pool, async (tx) => {
    await lockOne(tx);
    waiting = inTransaction(pool, lockAll);
    await waitForBlockedConnections(pool, 1);
    return inTransaction(pool, look);
  });
  await waiting;
  return seen;
}

describe('rows are locked in the order of their keys, so that transactions do not deadlock', () => {
  it('by transitions', async () => {
    const free = await whileOneIsLocked(
      (tx) => tx.query('select from walkers where id = $1 for update', [LOCKED]),
      (tx) =>
        transitionAll(
          tx,
          WALKERS,
          REQUESTED.map((id) => [id]),
          { event: 'go' },
        ),
      (tx) => tx.query<{ id: string }>('select id from walkers order by id for update skip locked'),
    );
    expect(free.rows.map(({ id }) => id)).toEqual(AFTER);
  });

  it('by dedupe', async () => {
    const epoch = await readEpoch(database.pool);
    const messages = (ids: readonly string[]): Parameters<typeof dedupe>[2] =>
      ids.map((messageId) => ({ messageId, epoch }));
    const results = await whileOneIsLocked(
      (tx) => dedupe(tx, 'walker', messages([LOCKED])),
      (tx) => dedupe(tx, 'walker', messages(REQUESTED)),
      async (tx) => {
        await tx.query(`set local lock_timeout = '1s'`);
        const result = await dedupe(tx, 'walker', messages(AFTER));
        await tx.query('delete from applied_messages where message_id = any($1)', [AFTER]);
        return result;
      },
    );
    expect(results).toEqual(AFTER.map(() => 'new'));
  });
});

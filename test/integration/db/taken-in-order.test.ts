import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MachineTable, transitionAll } from '../../../engine/transition.js';
import { readEpoch } from '../../../db/installation.js';
import { inTransaction } from '../../../db/transaction.js';
import { defineMachine } from '../../../domain/machine.js';
import { dedupe } from '../../../services/relay/consumer/dedupe.js';
import { untilLockedOut } from '../../support/until-locked-out.js';
import { type Database, relayDatabase } from '../services/relay/fixture.helper.js';

const WALKERS: MachineTable<'still' | 'moving', 'go'> = {
  machine: defineMachine({
    name: 'walker',
    states: ['still', 'moving'],
    terminal: ['moving'],
    transitions: { go: { from: ['still'], to: 'moving', because: 'it was told to' } },
  }),
  table: 'walkers',
  keyColumns: ['id'],
  keyTypes: ['text'],
};

/** Asked for in this order, in which the rows of walkers also lie: neither that of their keys nor its reverse. */
const ASKED = Array.from('qwertzuiopmasdfghjklyxcvbn');
const TAKEN = 'm';
const BEHIND = Array.from('nopqrstuvwxyz');

let database: Database;

beforeAll(async () => {
  database = await relayDatabase();
  await database.pool.query(
    `create table walkers (id text primary key, state text not null default 'still')`,
  );
  await database.pool.query('insert into walkers (id) select unnest($1::text[])', [ASKED]);
});
afterAll(() => database.close());

/** While somebody has one of them: what `take` has when it waits for that, as `look` sees it from outside. */
async function whileOneIsTaken<T>(
  takeOne: (tx: PoolClient) => Promise<unknown>,
  take: (tx: PoolClient) => Promise<unknown>,
  look: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  const { pool } = database;
  let taken: Promise<unknown> | undefined;
  const seen = await inTransaction(pool, async (tx) => {
    await takeOne(tx);
    taken = inTransaction(pool, take);
    await untilLockedOut(pool, 1);
    return inTransaction(pool, look);
  });
  await taken;
  return seen;
}

describe('who takes many rows takes them in the order of their keys, not to meet others in a ring', () => {
  it('to move them', async () => {
    const free = await whileOneIsTaken(
      (tx) => tx.query('select from walkers where id = $1 for update', [TAKEN]),
      (tx) =>
        transitionAll(
          tx,
          WALKERS,
          ASKED.map((id) => [id]),
          { event: 'go' },
        ),
      (tx) => tx.query<{ id: string }>('select id from walkers order by id for update skip locked'),
    );
    expect(free.rows.map(({ id }) => id)).toEqual(BEHIND);
  });

  it('to dedupe messages', async () => {
    const epoch = await readEpoch(database.pool);
    const messages = (ids: readonly string[]): Parameters<typeof dedupe>[2] =>
      ids.map((messageId) => ({ messageId, epoch }));
    const results = await whileOneIsTaken(
      (tx) => dedupe(tx, 'walker', messages([TAKEN])),
      (tx) => dedupe(tx, 'walker', messages(ASKED)),
      async (tx) => {
        await tx.query(`set local lock_timeout = '1s'`);
        const results = await dedupe(tx, 'walker', messages(BEHIND));
        await tx.query('delete from applied_messages where message_id = any($1)', [BEHIND]);
        return results;
      },
    );
    expect(results).toEqual(BEHIND.map(() => 'new'));
  });
});

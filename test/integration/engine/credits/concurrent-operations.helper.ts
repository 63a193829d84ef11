import { expect } from 'vitest';
import { rebuildAddress } from '../../../../engine/credits/rebuild/rebuild.js';
import type { ModelOperation } from '../../../support/credits-model-ledger.js';
import {
  applyToLedger,
  differingAddresses,
  type LedgerForTests,
  findImbalances,
} from './ledger-fixture.helper.js';

export const START = 1_767_225_600_000_000n;
export const SECOND = 1_000_000n;
const HOUR = 3600n * SECOND;
const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];

/** A seeded sequence, so that a failure can be reproduced. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

function operationOf(
  worker: number,
  turn: number,
  next: (below: number) => number,
): ModelOperation {
  const ref = `${worker}-${turn}`;
  // Some are dated before others that were applied, and so replay their addresses.
  const at = START + BigInt(next(1000)) * SECOND;
  const amount = (): bigint => BigInt(1 + next(20));
  const first = next(NAMES.length);
  const names = [0, 1, 2].map((i) => NAMES[(first + (next(2) === 0 ? i : 5 * i)) % 6] ?? 'ann');
  const [sender = 'ann', ...others] = [...new Set(names)];
  switch (next(4)) {
    case 0:
      return {
        ...{ kind: 'grant', ref, at },
        entries: names.map((address) => ({
          ...{ address, amount: amount() * 5n, expires: next(3) === 0 ? at + HOUR : null },
        })),
      };
    case 1:
      return {
        ...{ kind: 'expense', ref, at, covered: false },
        entries: names.map((address) => ({ address, amount: amount(), expires: null })),
      };
    default:
      return {
        ...{ kind: 'transfer', ref, at, sender },
        entries: others.map((address) => ({ address, amount: amount(), expires: null })),
      };
  }
}

export interface ConcurrentLoad {
  readonly connections: number;
  readonly operationsEach: number;
  readonly seed: number;
}

/**
 * Runs transfers, expenses, grants and rebuilds of the same addresses concurrently, and expects no deadlock and no loss. Returns the
 * number of operations that were done.
 */
export async function runConcurrently(
  { pool }: Pick<LedgerForTests, 'pool'>,
  { connections, operationsEach, seed }: ConcurrentLoad,
): Promise<number> {
  const outcomes = new Map<string, number>();
  const deadlocks = await countDeadlocks(pool);
  const work = async (worker: number): Promise<void> => {
    const next = numbers(seed * connections + worker + 1);
    for (let turn = 0; turn < operationsEach; turn += 1) {
      if (next(8) === 0) {
        await rebuildAddress(pool, 'aleph', NAMES[next(6)] ?? 'ann', { dryRun: false });
        continue;
      }
      const operation = operationOf(worker, turn, next);
      const outcome = await applyToLedger(pool, 'aleph', operation);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, worker) => work(worker)));

  expect(await findImbalances(pool)).toEqual([]);
  expect(await differingAddresses(pool, 'aleph')).toEqual([]);
  expect(await countDeadlocks(pool)).toBe(deadlocks);
  // Exactly the operations that returned `done` are in the history.
  const { rows } = await pool.query<{ n: bigint }>(
    'select count(distinct credit_ref) as n from credit_history',
  );
  const done = outcomes.get('done') ?? 0;
  expect(Number(rows[0]?.n)).toBe(done);
  return done;
}

/** inTransaction retries after a deadlock, so deadlocks are counted by the server. */
async function countDeadlocks(pool: LedgerForTests['pool']): Promise<bigint | undefined> {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ deadlocks: bigint }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return rows[0]?.deadlocks;
}

import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildAddress } from '../../../activities/credits/rebuild.js';
import type { ModelOperation } from '../../support/credits-model-ledger.js';
import {
  applyToLedger,
  differingAddresses,
  type LedgerForTests,
  ledgerForTests,
  unsoundBooks,
} from './ledger-fixture.js';

const CONNECTIONS = 16;
const OPERATIONS_EACH = Number(process.env['CREDITS_OPERATIONS'] ?? 25);
const START = 1_767_225_600_000_000n;
const SECOND = 1_000_000n;
const HOUR = 3600n * SECOND;
const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests(CONNECTIONS);
});
afterAll(() => ledger.close());

/** A seeded sequence, so that what fails can be run again. */
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
  // Some are dated before others that were applied: they replay their addresses.
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

test('16 connections of transfers, expenses, grants and rebuilds: no deadlock, no loss', async () => {
  const outcomes = new Map<string, number>();
  const deadlocks = await deadlocksSoFar();
  const work = async (worker: number): Promise<void> => {
    const next = numbers(worker + 1);
    for (let turn = 0; turn < OPERATIONS_EACH; turn += 1) {
      if (next(8) === 0) {
        await rebuildAddress(ledger.pool, 'aleph', NAMES[next(6)] ?? 'ann', { dryRun: false });
        continue;
      }
      const operation = operationOf(worker, turn, next);
      const outcome = await applyToLedger(ledger.pool, 'aleph', operation);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, worker) => work(worker)));

  expect(await unsoundBooks(ledger.pool)).toEqual([]);
  expect(await differingAddresses(ledger.pool, 'aleph')).toEqual([]);
  expect(await deadlocksSoFar()).toBe(deadlocks);
  // What was answered as done is there, and nothing else.
  const { rows } = await ledger.pool.query<{ n: bigint }>(
    'select count(distinct credit_ref) as n from credit_history',
  );
  expect(Number(rows[0]?.n)).toBe(outcomes.get('done'));
  expect(outcomes.get('done')).toBeGreaterThan(CONNECTIONS);
}, 300_000);

test('one of many transfers of a whole balance is accepted', async () => {
  await ledger.empty();
  const grant = { kind: 'grant', ref: 'all', at: START } as const;
  const entries = [{ address: 'ann', amount: 100n, expires: null }];
  await applyToLedger(ledger.pool, 'aleph', { ...grant, entries });
  const outcomes = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) =>
      applyToLedger(ledger.pool, 'aleph', {
        ...{ kind: 'transfer', ref: `t${i}`, at: START + SECOND, sender: 'ann' },
        entries: [{ address: `to${i}`, amount: 100n, expires: null }],
      }),
    ),
  );
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  expect(await unsoundBooks(ledger.pool)).toEqual([]);
});

test('the same message sixteen times at once is done once', async () => {
  await ledger.empty();
  const operation: ModelOperation = {
    ...{ kind: 'expense', ref: 'same', at: START, covered: false },
    entries: ['ann', 'ben'].map((address) => ({ address, amount: 10n, expires: null })),
  };
  const outcomes = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => applyToLedger(ledger.pool, 'aleph', operation)),
  );
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'replayed')).toHaveLength(CONNECTIONS - 1);
});

/** Our transactions are run again after a deadlock, which must not hide that there was one. */
async function deadlocksSoFar(): Promise<bigint | undefined> {
  await ledger.pool.query('select pg_stat_force_next_flush()');
  const { rows } = await ledger.pool.query<{ deadlocks: bigint }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return rows[0]?.deadlocks;
}

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildAddress } from '../../../../engine/credits/rebuild/rebuild.js';
import {
  acts,
  ADDRESSES,
  reset,
  expectSame,
  storedEqualsModel,
  never,
  operations,
  policy,
} from './stored-and-model.helper.js';
import {
  applyToLedger,
  type LedgerForTests,
  ledgerForTests,
  storedState,
  findImbalances,
} from './ledger-fixture.helper.js';

const RUNS = Number(process.env['CREDITS_RUNS'] ?? 50);

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests();
});
afterAll(() => ledger.close());

test.each(['aleph', 'actions'] as const)(
  '%s: stored rows equal the model after each step, sums balance, a rebuild changes nothing',
  (name) => fc.assert(storedEqualsModel(ledger, name), { numRuns: RUNS }),
  600_000,
);

test.each(['aleph', 'actions'] as const)(
  '%s: a rebuild restores deleted lots',
  async (name) => {
    await fc.assert(
      fc.asyncProperty(policy, acts, async (expirationFrom, sequence) => {
        const model = await reset(ledger, name, expirationFrom);
        for (const act of sequence) {
          if (act.kind === 'expire') continue;
          const covered = name === 'actions' && act.kind === 'expense';
          const operation = covered ? { ...act, covered } : act;
          await applyToLedger(ledger.pool, name, operation);
          model.apply(operation);
        }
        await ledger.pool.query(
          'truncate credit_lots, credit_past_lots, credit_drains, credit_shortfalls, credit_accounts',
        );
        for (const who of ADDRESSES) {
          await rebuildAddress(ledger.pool, name, who, { dryRun: false });
        }
        await expectSame(ledger, model, name);
        expect(await findImbalances(ledger.pool)).toEqual([]);
      }),
      { numRuns: RUNS / 2 },
    );
  },
  600_000,
);

/** Without expiries: a transfer passes on those it finds, which depends on the order of arrival. */
const permanent = fc.uniqueArray(operations(never), { selector: (each) => each.ref, maxLength: 8 });

test('the order of arrival does not matter if nothing is refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      permanent.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      async ([first, second]) => {
        const states: unknown[] = [];
        for (const sequence of [first, second]) {
          await reset(ledger, 'aleph', null);
          for (const operation of sequence) {
            if ((await applyToLedger(ledger.pool, 'aleph', operation)) !== 'done') return;
          }
          const of = (who: string): Promise<unknown> => storedState(ledger.pool, 'aleph', who);
          states.push([await of('ann'), await of('ben'), await of('cat')]);
        }
        expect(states[0]).toEqual(states[1]);
      },
    ),
    { numRuns: RUNS },
  );
}, 600_000);

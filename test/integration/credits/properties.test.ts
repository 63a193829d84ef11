import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expireDueLots } from '../../../activities/credits/expire.js';
import { rebuildAddress } from '../../../activities/credits/rebuild.js';
import { isoOfUs } from '../../../domain/credits/time.js';
import { keyOf, type ModelState, naive } from '../../support/credits-model.js';
import { ModelLedger, type ModelOperation } from '../../support/credits-model-ledger.js';
import {
  applyToLedger,
  differingAddresses,
  type LedgerForTests,
  ledgerForTests,
  storedState,
  unposted,
  unsoundBooks,
} from './ledger-fixture.js';

const MINUTE = 60_000_000n;
const START = 1_767_225_600_000_000n;
const ADDRESSES = ['ann', 'ben', 'cat'] as const;
const RUNS = Number(process.env['CREDITS_RUNS'] ?? 50);

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests();
});
afterAll(() => ledger.close());

/** Few moments, names and sizes, so that everything collides. */
const moment = fc.integer({ min: 0, max: 8 }).map((minute) => START + BigInt(minute) * MINUTE);
const address = fc.constantFrom(...ADDRESSES);
const amount = fc.bigInt({ min: 1n, max: 12n });
const ref = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'é', '😀', '\uffee');
const never = fc.constant(null);

function operations(expiry: fc.Arbitrary<bigint | null>): fc.Arbitrary<ModelOperation> {
  const entry = fc.record({ address, amount, expires: expiry });
  const entries = fc.array(entry, { minLength: 1, maxLength: 3 });
  const common = { ref, at: moment, entries };
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('grant' as const), ...common }) },
    {
      weight: 2,
      arbitrary: fc.record({
        ...{ kind: fc.constant('expense' as const), covered: fc.constant(false), ...common },
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('transfer' as const), sender: address, ...common }),
    },
  );
}

const acts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: operations(fc.oneof(never, moment)) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), at: moment }) },
  ),
  { minLength: 1, maxLength: 16 },
);

/** Emission first, or expiration first from a moment on. */
const policy = fc.oneof(never, moment);

async function begin(expirationFrom: bigint | null): Promise<ModelLedger> {
  await ledger.empty();
  await ledger.pool.query(`delete from credit_policies where from_at > '-infinity'`);
  if (expirationFrom !== null) {
    await ledger.pool.query(
      `insert into credit_policies select ledger, $1, 'expiration' from unnest(array['aleph', 'actions']) ledger`,
      [isoOfUs(expirationFrom)],
    );
  }
  const expires = (at: bigint): boolean => expirationFrom !== null && at >= expirationFrom;
  return new ModelLedger((at) => (expires(at) ? 'expiration' : 'emission'));
}

function linesOf({ lots, drains, shorts }: ModelState): Awaited<ReturnType<typeof storedState>> {
  return {
    lots: lots
      .filter(({ left }) => left > 0n)
      .map((lot) => `${keyOf(lot)} ${lot.left}`)
      .sort(),
    drains: drains.map(({ debit, lot, amount: taken }) => `${debit} ${lot} ${taken}`).sort(),
    shorts: [...shorts].map(([debit, short]) => `${debit} ${short}`).sort(),
  };
}

/** Which of several faults of one operation is told is nobody's business. */
function kindOf(outcome: string): string {
  return INVALID.has(outcome) ? 'invalid' : outcome;
}
const INVALID: ReadonlySet<string> = new Set([
  'credits.expiry_past',
  'credits.self_transfer',
  'credits.duplicate_recipients',
]);

async function expectSame(model: ModelLedger, name: 'aleph' | 'actions'): Promise<void> {
  for (const who of ADDRESSES) {
    const stored = await storedState(ledger.pool, name, who);
    expect(stored).toEqual(linesOf(naive(model.rows, who, model.orderAt)));
  }
}

test.each(['aleph', 'actions'] as const)(
  '%s: kept = naive after each step, books balance, a rebuild changes nothing',
  async (name) => {
    await fc.assert(
      fc.asyncProperty(policy, acts, async (expirationFrom, sequence) => {
        const model = await begin(expirationFrom);
        for (const act of sequence) {
          if (act.kind === 'expire') {
            await expireDueLots(ledger.pool, { limit: 100, now: act.at, post: unposted });
          } else {
            const covered = name === 'actions' && act.kind === 'expense';
            const operation = covered ? { ...act, covered } : act;
            const outcome = await applyToLedger(ledger.pool, name, operation);
            expect(kindOf(outcome)).toBe(kindOf(model.apply(operation)));
          }
          await expectSame(model, name);
          expect(await unsoundBooks(ledger.pool)).toEqual([]);
        }
        expect(await differingAddresses(ledger.pool, name)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  },
  600_000,
);

test('lots that were lost come back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(policy, acts, async (expirationFrom, sequence) => {
      const model = await begin(expirationFrom);
      for (const act of sequence) {
        if (act.kind === 'expire') continue;
        await applyToLedger(ledger.pool, 'aleph', act);
        model.apply(act);
      }
      await ledger.pool.query(
        'truncate credit_lots, credit_past_lots, credit_drains, credit_shortfalls, credit_accounts',
      );
      for (const who of ADDRESSES) {
        await rebuildAddress(ledger.pool, 'aleph', who, { dryRun: false });
      }
      await expectSame(model, 'aleph');
      expect(await unsoundBooks(ledger.pool)).toEqual([]);
    }),
    { numRuns: RUNS / 2 },
  );
}, 600_000);

/** A transfer hands on the expiries that it finds, so these are left out where orders are compared. */
const permanent = fc.uniqueArray(operations(never), { selector: (each) => each.ref, maxLength: 8 });

test('the order of arrival does not matter where nothing is refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      permanent.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      async ([first, second]) => {
        const states: unknown[] = [];
        for (const sequence of [first, second]) {
          await begin(null);
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

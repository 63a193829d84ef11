import { expect } from 'vitest';
import fc from 'fast-check';
import { expireDueLots } from '../../../../engine/credits/expire.js';
import { isoOfUs } from '../../../../domain/credits/time.js';
import { keyOf, type ModelState, replayNaively } from '../../../support/credits-model.js';
import { ModelLedger, type ModelOperation } from '../../../support/credits-model-ledger.js';
import {
  applyToLedger,
  differingAddresses,
  type LedgerForTests,
  storedState,
  skipPosting,
  findImbalances,
} from './ledger-fixture.helper.js';

const MINUTE = 60_000_000n;
const START = 1_767_225_600_000_000n;
export const ADDRESSES = ['ann', 'ben', 'cat'] as const;
type Tables = Pick<LedgerForTests, 'pool' | 'empty'>;

/** Few instants, names and amounts, so that operations collide. */
const instant = fc.integer({ min: 0, max: 8 }).map((minute) => START + BigInt(minute) * MINUTE);
const address = fc.constantFrom(...ADDRESSES);
const amount = fc.bigInt({ min: 1n, max: 12n });
const ref = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'é', '😀', '\uffee');
export const never = fc.constant(null);

export function operations(expiry: fc.Arbitrary<bigint | null>): fc.Arbitrary<ModelOperation> {
  const entry = fc.record({ address, amount, expires: expiry });
  const entries = fc.array(entry, { minLength: 1, maxLength: 3 });
  const common = { ref, at: instant, entries };
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

export const acts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: operations(fc.oneof(never, instant)) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), at: instant }) },
  ),
  { minLength: 1, maxLength: 16 },
);

/** Null: emission first. Else expiration first from that instant on. */
export const policy = fc.oneof(never, instant);

export async function reset(
  ledger: Tables,
  name: 'aleph' | 'actions',
  expirationFrom: bigint | null,
): Promise<ModelLedger> {
  await ledger.empty();
  await ledger.pool.query(`delete from credit_policies where from_at > '-infinity'`);
  if (expirationFrom !== null) {
    await ledger.pool.query(
      `insert into credit_policies select ledger, $1, 'expiration' from unnest(array['aleph', 'actions']) ledger`,
      [isoOfUs(expirationFrom)],
    );
  }
  const expires = (at: bigint): boolean => expirationFrom !== null && at >= expirationFrom;
  return new ModelLedger({
    orderAt: (at) => (expires(at) ? 'expiration' : 'emission'),
    merges: name === 'actions',
  });
}

function linesOf({ lots, drains, shorts }: ModelState): Awaited<ReturnType<typeof storedState>> {
  return {
    lots: lots
      .filter(({ left }) => left > 0n)
      .map((lot) => `${keyOf(lot)} ${lot.left}`)
      .sort(),
    drains: drains.map(({ debit, lot, amount: drained }) => `${debit} ${lot} ${drained}`).sort(),
    shorts: [...shorts].map(([debit, short]) => `${debit} ${short}`).sort(),
  };
}

/** If an operation has several faults, any of them may be reported. */
function kindOf(outcome: string): string {
  return INVALID.has(outcome) ? 'invalid' : outcome;
}
const INVALID: ReadonlySet<string> = new Set([
  'credits.expiry_past',
  'credits.self_transfer',
  'credits.duplicate_recipients',
]);

export async function expectSame(
  ledger: Tables,
  model: ModelLedger,
  name: 'aleph' | 'actions',
): Promise<void> {
  for (const who of ADDRESSES) {
    const stored = await storedState(ledger.pool, name, who);
    expect(stored).toEqual(linesOf(replayNaively(model.rows, who, model.rules)));
  }
}

/** Property: stored rows equal the model after each step, sums balance, and a rebuild changes nothing. */
export function storedEqualsModel(
  ledger: Tables,
  name: 'aleph' | 'actions',
): fc.IAsyncProperty<[bigint | null, typeof acts extends fc.Arbitrary<infer T> ? T : never]> {
  return fc.asyncProperty(policy, acts, async (expirationFrom, sequence) => {
    const model = await reset(ledger, name, expirationFrom);
    for (const act of sequence) {
      if (act.kind === 'expire') {
        await expireDueLots(ledger.pool, { limit: 100, now: act.at, post: skipPosting });
      } else {
        const covered = name === 'actions' && act.kind === 'expense';
        const operation = covered ? { ...act, covered } : act;
        const outcome = await applyToLedger(ledger.pool, name, operation);
        expect(kindOf(outcome)).toBe(kindOf(model.apply(operation)));
      }
      await expectSame(ledger, model, name);
      expect(await findImbalances(ledger.pool)).toEqual([]);
    }
    expect(await differingAddresses(ledger.pool, name)).toEqual([]);
  });
}

import { expect } from 'vitest';
import fc from 'fast-check';
import { expireDueLots } from '../../../../engine/credits/expire.js';
import { isoOfUs } from '../../../../domain/credits/time.js';
import { keyOf, type ModelState, naive } from '../../../support/credits-model.js';
import { ModelLedger, type ModelOperation } from '../../../support/credits-model-ledger.js';
import {
  applyToLedger,
  differingAddresses,
  type LedgerForTests,
  storedState,
  unposted,
  unsoundBooks,
} from './ledger-fixture.helper.js';

const MINUTE = 60_000_000n;
const START = 1_767_225_600_000_000n;
export const ADDRESSES = ['ann', 'ben', 'cat'] as const;
type Tables = Pick<LedgerForTests, 'pool' | 'empty'>;

/** Few moments, names and sizes, so that everything collides. */
const moment = fc.integer({ min: 0, max: 8 }).map((minute) => START + BigInt(minute) * MINUTE);
const address = fc.constantFrom(...ADDRESSES);
const amount = fc.bigInt({ min: 1n, max: 12n });
const ref = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'é', '😀', '\uffee');
export const never = fc.constant(null);

export function operations(expiry: fc.Arbitrary<bigint | null>): fc.Arbitrary<ModelOperation> {
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

export const acts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: operations(fc.oneof(never, moment)) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), at: moment }) },
  ),
  { minLength: 1, maxLength: 16 },
);

/** Emission first, or expiration first from a moment on. */
export const policy = fc.oneof(never, moment);

export async function begin(ledger: Tables, expirationFrom: bigint | null): Promise<ModelLedger> {
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

export async function expectSame(
  ledger: Tables,
  model: ModelLedger,
  name: 'aleph' | 'actions',
): Promise<void> {
  for (const who of ADDRESSES) {
    const stored = await storedState(ledger.pool, name, who);
    expect(stored).toEqual(linesOf(naive(model.rows, who, model.orderAt)));
  }
}

/** Kept = naive after each step, books balance, a rebuild changes nothing. */
export function keptIsNaive(
  ledger: Tables,
  name: 'aleph' | 'actions',
): fc.IAsyncProperty<[bigint | null, typeof acts extends fc.Arbitrary<infer T> ? T : never]> {
  return fc.asyncProperty(policy, acts, async (expirationFrom, sequence) => {
    const model = await begin(ledger, expirationFrom);
    for (const act of sequence) {
      if (act.kind === 'expire') {
        await expireDueLots(ledger.pool, { limit: 100, now: act.at, post: unposted });
      } else {
        const covered = name === 'actions' && act.kind === 'expense';
        const operation = covered ? { ...act, covered } : act;
        const outcome = await applyToLedger(ledger.pool, name, operation);
        expect(kindOf(outcome)).toBe(kindOf(model.apply(operation)));
      }
      await expectSame(ledger, model, name);
      expect(await unsoundBooks(ledger.pool)).toEqual([]);
    }
    expect(await differingAddresses(ledger.pool, name)).toEqual([]);
  });
}

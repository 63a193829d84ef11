import fc from 'fast-check';
import type { Pool } from 'pg';
import { expect } from 'vitest';
import { lockMoment } from '../../../../engine/credits/accounts.js';
import { applyOperation } from '../../../../engine/credits/apply-operation.js';
import { expireDueLots } from '../../../../engine/credits/expire.js';
import type { Give, Take } from '../../../../engine/credits/operation.js';
import { refundDebit } from '../../../../engine/credits/refund.js';
import { inTransaction } from '../../../../db/transaction.js';
import { usOfIso } from '../../../../domain/credits/time.js';
import { Refusal } from '../../../../domain/refusal.js';
import {
  differingAddresses,
  type LedgerForTests,
  unposted,
  unsoundBooks,
} from './ledger-fixture.helper.js';

const MINUTE = 60_000_000n;
const DAY = 1440n * MINUTE;
export const T = usOfIso('2026-03-01T00:00:00Z') ?? 0n;
const SOON = T + 100n * 365n * DAY;

const addresses = fc.constantFrom('ann', 'ben');
const amounts = fc.bigInt({ min: 1n, max: 9n });

const ACCEPTABLE = ['done', 'credits.insufficient_balance', 'credits.would_uncover'];

/** Lots that have expired by now, will one day, or never do. */
const expiries = fc.constantFrom(T + DAY, SOON, null);
/** In the past, in the order of the acts or not; or now, after which all that is in the past is late. */
const minutes = fc.option(fc.nat(6), { freq: 20 });
const grant = fc.record({
  kind: fc.constant('grant' as const),
  ...{ address: addresses, amount: amounts, expires: expiries, minute: minutes },
});
const spend = fc.record({
  kind: fc.constant('spend' as const),
  ...{ address: addresses, amount: amounts, minute: minutes },
});
const giveBack = fc.record({ kind: fc.constant('refund' as const), nth: fc.nat(5) });
/** One operation in which the payer gets something, too. */
const both = fc.record({
  kind: fc.constant('both' as const),
  ...{ address: addresses, amount: amounts },
});
const expire = fc.record({ kind: fc.constant('expire' as const) });
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: grant },
    { weight: 8, arbitrary: spend },
    { weight: 6, arbitrary: giveBack },
    { weight: 1, arbitrary: both },
    { weight: 1, arbitrary: expire },
  ),
  { minLength: 3, maxLength: 16 },
);
type OfOne = Give | Take;
type Act = typeof acts extends fc.Arbitrary<(infer T)[]> ? T : never;

/** At a minute, or at a moment that is now: after everything else. Gives `done`, or the code of the refusal. */
function apply(
  pool: Pool,
  ref: string,
  minute: number | null,
  parts: readonly OfOne[],
): Promise<string> {
  return inTransaction(pool, async (tx) => {
    const owners = parts.map(({ address }) => address);
    const atUs =
      minute === null ? await lockMoment(tx, 'actions', owners) : T + BigInt(minute) * MINUTE;
    await applyOperation(tx, { ledger: 'actions', ref, atUs, parts });
    return 'done';
  }).catch((error: unknown) => {
    if (error instanceof Refusal) return error.code;
    throw error;
  });
}

/** `debits` may be given back. */
async function perform(pool: Pool, act: Act, n: number, debits: string[]): Promise<void> {
  const ref = `${act.kind}-${n}`;
  switch (act.kind) {
    case 'grant': {
      const { address, amount, minute, expires } = act;
      // What has expired is not given now.
      const expiresUs = minute === null && expires !== null ? SOON : expires;
      const give = { kind: 'give', address, amount, expiresUs, detail: {} } as const;
      expect(ACCEPTABLE).toContain(await apply(pool, ref, minute, [give]));
      return;
    }
    case 'spend': {
      const { address, amount, minute } = act;
      const take = { kind: 'take', address, amount, covered: true, detail: {} } as const;
      const outcome = await apply(pool, ref, minute, [take]);
      expect(ACCEPTABLE).toContain(outcome);
      if (outcome === 'done') debits.push(ref);
      return;
    }
    case 'both': {
      const { address, amount } = act;
      const outcome = await apply(pool, ref, null, [
        { kind: 'take', address, amount, covered: true, detail: {} },
        { kind: 'give', address, amount: 1n, expiresUs: SOON, detail: {} },
      ]);
      if (outcome === 'done') debits.push(ref);
      return;
    }
    case 'refund': {
      const [debit] = debits.splice(act.nth % Math.max(1, debits.length), 1);
      if (debit === undefined) return;
      expect(await refund(pool, `refund/${debit}`, debit)).toBe(true);
      return;
    }
    case 'expire':
      await expireDueLots(pool, { limit: 100, post: unposted });
  }
}

/** False when it had been given back before. */
export async function refund(pool: Pool, ref: string, debitRef: string): Promise<boolean> {
  const { replayed } = await inTransaction(pool, (tx) =>
    refundDebit(tx, { ledger: 'actions', ref, debitRef, graceUs: DAY }),
  );
  return !replayed;
}

/** After each refund, and each late entry, of lots that live, are emptied or have expired. */
export function keptIsRebuilt({
  pool,
  empty,
}: Pick<LedgerForTests, 'pool' | 'empty'>): fc.IAsyncProperty<[Act[]]> {
  return fc.asyncProperty(acts, async (sequence) => {
    await empty();
    await pool.query(`delete from credit_policies where from_at > '-infinity'`);
    const debits: string[] = [];
    for (const [n, act] of sequence.entries()) {
      await perform(pool, act, n, debits);
      expect(await differingAddresses(pool, 'actions')).toEqual([]);
      expect(await unsoundBooks(pool)).toEqual([]);
    }
  });
}

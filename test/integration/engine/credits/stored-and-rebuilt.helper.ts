import fc from 'fast-check';
import type { Pool } from 'pg';
import { expect } from 'vitest';
import { lockAccounts } from '../../../../engine/credits/accounts.js';
import { applyOperation } from '../../../../engine/credits/apply-operation.js';
import { expireDueLots } from '../../../../engine/credits/expire.js';
import type { Debit, Grant } from '../../../../engine/credits/operation.js';
import { refundDebit } from '../../../../engine/credits/refund.js';
import { inTransaction } from '../../../../db/transaction.js';
import { usOfIso } from '../../../../domain/credits/time.js';
import { Refusal } from '../../../../domain/refusal.js';
import {
  differingAddresses,
  type LedgerForTests,
  skipPosting,
  findImbalances,
} from './ledger-fixture.helper.js';

const MINUTE = 60_000_000n;
const DAY = 1440n * MINUTE;
export const T = usOfIso('2026-03-01T00:00:00Z') ?? 0n;
const SOON = T + 100n * 365n * DAY;

const addresses = fc.constantFrom('ann', 'ben');
const amounts = fc.bigInt({ min: 1n, max: 9n });

const ACCEPTABLE = ['done', 'credits.insufficient_balance', 'credits.would_uncover'];

/** Lots that have expired, that will expire, and that never do. */
const expiries = fc.constantFrom(T + DAY, SOON, null);
/** A minute in the past, in any order; or null for now, after which all entries in the past are late. */
const minutes = fc.option(fc.nat(6), { freq: 20 });
const grant = fc.record({
  kind: fc.constant('grant' as const),
  ...{ address: addresses, amount: amounts, expires: expiries, minute: minutes },
});
const spend = fc.record({
  kind: fc.constant('spend' as const),
  ...{ address: addresses, amount: amounts, minute: minutes },
});
const refundAct = fc.record({ kind: fc.constant('refund' as const), nth: fc.nat(5) });
/** One operation that debits and grants to the same address. */
const both = fc.record({
  kind: fc.constant('both' as const),
  ...{ address: addresses, amount: amounts },
});
const expire = fc.record({ kind: fc.constant('expire' as const) });
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: grant },
    { weight: 8, arbitrary: spend },
    { weight: 6, arbitrary: refundAct },
    { weight: 1, arbitrary: both },
    { weight: 1, arbitrary: expire },
  ),
  { minLength: 3, maxLength: 16 },
);
type SingleEntry = Grant | Debit;
type Act = typeof acts extends fc.Arbitrary<(infer T)[]> ? T : never;

/** Applies entries at a minute or, with null, now. Returns `done` or the code of the refusal. */
function apply(
  pool: Pool,
  ref: string,
  minute: number | null,
  entries: readonly SingleEntry[],
): Promise<string> {
  return inTransaction(pool, async (tx) => {
    const owners = entries.map(({ address }) => address);
    const atUs =
      minute === null
        ? (await lockAccounts(tx, 'actions', owners)).nextUs
        : T + BigInt(minute) * MINUTE;
    await applyOperation(tx, { ledger: 'actions', ref, atUs, entries });
    return 'done';
  }).catch((error: unknown) => {
    if (error instanceof Refusal) return error.code;
    throw error;
  });
}

/** `debits` are the references that can be refunded. */
async function perform(pool: Pool, act: Act, n: number, debits: string[]): Promise<void> {
  const ref = `${act.kind}-${n}`;
  switch (act.kind) {
    case 'grant': {
      const { address, amount, minute, expires } = act;
      // A lot that has expired cannot be granted now.
      const expiresUs = minute === null && expires !== null ? SOON : expires;
      const entry = { kind: 'grant', address, amount, expiresUs, detail: {} } as const;
      expect(ACCEPTABLE).toContain(await apply(pool, ref, minute, [entry]));
      return;
    }
    case 'spend': {
      const { address, amount, minute } = act;
      const entry = { kind: 'debit', address, amount, covered: true, detail: {} } as const;
      const outcome = await apply(pool, ref, minute, [entry]);
      expect(ACCEPTABLE).toContain(outcome);
      if (outcome === 'done') debits.push(ref);
      return;
    }
    case 'both': {
      const { address, amount } = act;
      const outcome = await apply(pool, ref, null, [
        { kind: 'debit', address, amount, covered: true, detail: {} },
        { kind: 'grant', address, amount: 1n, expiresUs: SOON, detail: {} },
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
      await expireDueLots(pool, { limit: 100, post: skipPosting });
  }
}

/** False when it was refunded before. */
export async function refund(pool: Pool, ref: string, debitRef: string): Promise<boolean> {
  const { replayed } = await inTransaction(pool, (tx) =>
    refundDebit(tx, { ledger: 'actions', ref, debitRef, graceUs: DAY }),
  );
  return !replayed;
}

/** Property: stored rows equal a rebuild after each act, with live, emptied and expired lots. */
export function storedEqualsRebuilt({
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
      expect(await findImbalances(pool)).toEqual([]);
    }
  });
}

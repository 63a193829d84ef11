import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lockMoment } from '../../../activities/credits/accounts.js';
import { applyOperation } from '../../../activities/credits/apply-operation.js';
import { expireDueLots } from '../../../activities/credits/expire.js';
import type { Give, Take } from '../../../activities/credits/operation.js';
import { readBalance } from '../../../activities/credits/read-balance.js';
import { refundDebit } from '../../../activities/credits/refund.js';
import { inTransaction } from '../../../db/transaction.js';
import { usOfIso } from '../../../domain/credits/time.js';
import { Refusal } from '../../../domain/refusal.js';
import {
  applyToLedger,
  differingAddresses,
  type LedgerForTests,
  ledgerForTests,
  unposted,
  unsoundBooks,
} from './ledger-fixture.js';

const RUNS = Number(process.env['CREDITS_RUNS'] ?? 50);
const MINUTE = 60_000_000n;
const DAY = 1440n * MINUTE;
const T = usOfIso('2026-03-01T00:00:00Z') ?? 0n;
const SOON = T + 100n * 365n * DAY;

let ledger: LedgerForTests;
beforeAll(async () => {
  ledger = await ledgerForTests();
});
beforeEach(() => ledger.empty());
afterAll(() => ledger.close());

const addresses = fc.constantFrom('ann', 'ben');
const amounts = fc.bigInt({ min: 1n, max: 9n });

const ACCEPTABLE = ['done', 'credits.insufficient_balance', 'credits.would_uncover'];

/** Lots that have expired by now, will one day, or never do. */
const expiries = fc.constantFrom(T + DAY, SOON, null);
/** In the past, in the order of the acts or not; or now. */
const minutes = fc.option(fc.nat(20));
const acts = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('grant' as const),
      address: addresses,
      amount: amounts,
      expires: expiries,
      minute: minutes,
    }),
    fc.record({
      kind: fc.constant('spend' as const),
      address: addresses,
      amount: amounts,
      minute: minutes,
    }),
    fc.record({ kind: fc.constant('refund' as const), nth: fc.nat(5) }),
    // One operation in which the payer gets something, too.
    fc.record({ kind: fc.constant('both' as const), address: addresses, amount: amounts }),
    fc.record({ kind: fc.constant('expire' as const) }),
  ),
  { minLength: 3, maxLength: 16 },
);
type OfOne = Give | Take;
type Act = typeof acts extends fc.Arbitrary<(infer T)[]> ? T : never;

async function refund(ref: string, debitRef: string): Promise<boolean> {
  const { replayed } = await inTransaction(ledger.pool, (tx) =>
    refundDebit(tx, { ledger: 'actions', ref, debitRef, graceUs: DAY }),
  );
  return !replayed;
}

/** At a minute, or at a moment that is now: after everything else. Gives `done`, or the code of the refusal. */
function apply(ref: string, minute: number | null, parts: readonly OfOne[]): Promise<string> {
  return inTransaction(ledger.pool, async (tx) => {
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
async function perform(act: Act, n: number, debits: string[]): Promise<void> {
  const ref = `${act.kind}-${n}`;
  switch (act.kind) {
    case 'grant': {
      const { address, amount, minute, expires } = act;
      // What has expired is not given now.
      const expiresUs = minute === null && expires !== null ? SOON : expires;
      const give = { kind: 'give', address, amount, expiresUs, detail: {} } as const;
      expect(ACCEPTABLE).toContain(await apply(ref, minute, [give]));
      return;
    }
    case 'spend': {
      const { address, amount, minute } = act;
      const take = { kind: 'take', address, amount, covered: true, detail: {} } as const;
      const outcome = await apply(ref, minute, [take]);
      expect(ACCEPTABLE).toContain(outcome);
      if (outcome === 'done') debits.push(ref);
      return;
    }
    case 'both': {
      const { address, amount } = act;
      const outcome = await apply(ref, null, [
        { kind: 'take', address, amount, covered: true, detail: {} },
        { kind: 'give', address, amount: 1n, expiresUs: SOON, detail: {} },
      ]);
      if (outcome === 'done') debits.push(ref);
      return;
    }
    case 'refund': {
      const [debit] = debits.splice(act.nth % Math.max(1, debits.length), 1);
      if (debit === undefined) return;
      expect(await refund(`refund/${debit}`, debit)).toBe(true);
      return;
    }
    case 'expire':
      await expireDueLots(ledger.pool, { limit: 100, post: unposted });
  }
}

test('kept = rebuilt after each refund, and each late entry, of lots that live, are emptied or have expired', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (sequence) => {
      await ledger.empty();
      const debits: string[] = [];
      for (const [n, act] of sequence.entries()) {
        await perform(act, n, debits);
        expect(await differingAddresses(ledger.pool, 'actions')).toEqual([]);
        expect(await unsoundBooks(ledger.pool)).toEqual([]);
      }
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test('a refund in order reads nothing of the history', async () => {
  const entries = [{ address: 'ann', amount: 10n, expires: null }];
  await applyToLedger(ledger.pool, 'actions', { kind: 'grant', ref: 'g', at: T, entries });
  const spend = { kind: 'expense', ref: 'e', at: T + 1n, covered: true, entries } as const;
  expect(await applyToLedger(ledger.pool, 'actions', spend)).toBe('done');
  // As if somebody had forgotten the lot: only a replay would notice.
  await ledger.pool.query(`update credit_past_lots set amount = 11`);
  expect(await refund('r', 'e')).toBe(true);
  expect(await readBalance(ledger.pool, 'actions', 'ann')).toBe(10n);
  expect(await differingAddresses(ledger.pool, 'actions')).toEqual(['ann']);
});

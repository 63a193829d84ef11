import fc from 'fast-check';
import { expect } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import { usOfMs } from '../../../../domain/credits/time.js';
import { Refusal } from '../../../../domain/refusal.js';
import { lockAccounts } from '../../../../engine/credits/accounts.js';
import { applyOperation } from '../../../../engine/credits/apply-operation.js';
import { expireDueLots } from '../../../../engine/credits/expire.js';
import { grantLots, type LotGrants } from '../../../../engine/credits/grant.js';
import { readBalance } from '../../../../engine/credits/read-balance.js';
import { refundDebit } from '../../../../engine/credits/refund.js';
import { ageCredits } from '../../../support/age-credits.js';
import { LotsModel } from '../../../support/lots-model.js';
import {
  differingAddresses,
  findImbalances,
  type LedgerForTests,
  skipPosting,
} from './ledger-fixture.helper.js';

const HALF_HOUR = 1_800_000_000n;
const GRACE_HOURS = 48;
const NAMES = ['ann', 'ben'] as const;

const who = fc.constantFrom<0 | 1>(0, 1);
/** Small, so that lots are emptied exactly and missed by one. */
const amount = fc.bigInt({ min: 1n, max: 6n });
const hours = fc.option(fc.integer({ min: 1, max: 4 }), { freq: 2 });
const grant = fc.record({ who, amount, hours });
type Grant = typeof grant extends fc.Arbitrary<infer T> ? T : never;
const grants = fc.array(grant, { minLength: 1, maxLength: 3 });

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('grant' as const), grants }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('shares' as const),
      entries: fc.array(fc.array(fc.record({ who, amount }), { minLength: 1, maxLength: 2 }), {
        ...{ minLength: 1, maxLength: 4 },
      }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pay' as const), who, amount, to: grants }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('debit' as const), who, amount }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('refund' as const), nth: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), hours: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
);
const steps = fc.array(step, { minLength: 3, maxLength: 20 });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Tables = Pick<LedgerForTests, 'pool' | 'empty'>;

/** Two addresses of ledger `actions`, and the model of what they have. Everything is dated now, as the flows do it. */
class World {
  readonly model = new LotsModel();
  readonly #debits: { ref: string; who: number; slices: ReturnType<LotsModel['debit']> }[] = [];
  #operations = 0;

  constructor(private readonly pool: Tables['pool']) {}

  async take(given: Step): Promise<void> {
    this.#operations += 1;
    const ref = `op-${this.#operations}`;
    switch (given.do) {
      case 'grant':
        return this.#grant([{ ref, grants: given.grants }]);
      case 'shares':
        return this.#grant(
          given.entries.map((entry, n) => ({
            ref: `${ref}-${n}`,
            grants: entry.map((share) => ({ ...share, hours: null })),
          })),
        );
      case 'debit':
        return this.#pay(ref, given.who, given.amount, []);
      case 'pay':
        return this.#pay(ref, given.who, given.amount, given.to);
      case 'refund':
        return this.#refund(ref, given.nth);
      case 'pass':
        await ageCredits(this.pool, given.hours);
        this.model.pass(given.hours);
        return;
      case 'sweep':
        await expireDueLots(this.pool, { limit: 10, post: skipPosting });
        this.model.sweep();
    }
  }

  async #grant(all: readonly { ref: string; grants: readonly Grant[] }[]): Promise<void> {
    const lots = all.map(({ ref, grants: of }): LotGrants => ({
      ref,
      grants: of.map((each) => ({
        ...{ accountId: NAMES[each.who], amountMsat: each.amount },
        ...{ expiresUs: expiryOf(each), detail: {} },
      })),
    }));
    await inTransaction(this.pool, async (tx) => {
      await lockAccounts(tx, 'actions', NAMES);
      await grantLots(tx, lots);
    });
    for (const each of all.flatMap(({ grants: of }) => of)) this.#given(each);
  }

  #given({ who: index, amount: granted, hours: valid }: Grant): void {
    this.model.grant(index, granted, valid);
  }

  /** A debit and what is granted for it, to the debited address too: one operation. */
  async #pay(ref: string, payer: 0 | 1, debited: bigint, to: readonly Grant[]): Promise<void> {
    const isCovered = this.model.spendable(payer) >= debited;
    const outcome = await this.#apply(ref, payer, debited, to);
    expect(outcome).toBe(isCovered ? 'done' : 'credits.insufficient_balance');
    if (!isCovered) return;
    // At one instant grants come before debits.
    for (const each of to) this.#given(each);
    this.#debits.push({ ref, who: payer, slices: this.model.debit(payer, debited) });
  }

  #apply(ref: string, payer: 0 | 1, debited: bigint, to: readonly Grant[]): Promise<string> {
    const address = NAMES[payer];
    const debit = { kind: 'debit', address, amount: debited, covered: true, detail: {} } as const;
    return inTransaction(this.pool, async (tx) => {
      const { nextUs: atUs } = await lockAccounts(tx, 'actions', NAMES);
      const entries = to.map((each) => ({
        ...{ kind: 'grant' as const, address: NAMES[each.who], amount: each.amount },
        ...{ expiresUs: expiryOf(each), detail: {} },
      }));
      await applyOperation(tx, { ledger: 'actions', ref, atUs, entries: [debit, ...entries] });
      return 'done';
    }).catch((error: unknown) => {
      if (error instanceof Refusal) return error.code;
      throw error;
    });
  }

  async #refund(ref: string, nth: number): Promise<void> {
    const [debit] = this.#debits.splice(nth % Math.max(1, this.#debits.length), 1);
    if (debit === undefined) return;
    const graceUs = BigInt(GRACE_HOURS) * 2n * HALF_HOUR;
    await inTransaction(this.pool, (tx) =>
      refundDebit(tx, { ledger: 'actions', ref, debitRef: debit.ref, graceUs }),
    );
    this.model.refund(debit.who, debit.slices, GRACE_HOURS);
  }

  async expectSame(): Promise<void> {
    for (const [index, name] of NAMES.entries()) {
      expect(await lotsOf(this.pool, name)).toEqual(this.model.lots(index));
      expect(await readBalance(this.pool, 'actions', name)).toBe(this.model.spendable(index));
    }
    expect(await findImbalances(this.pool)).toEqual([]);
    expect(await differingAddresses(this.pool, 'actions')).toEqual([]);
  }
}

/** Half an hour before so many hours have passed, so that an hour that passes is never the one of the expiry. */
function expiryOf({ hours: valid }: Pick<Grant, 'hours'>): bigint | null {
  if (valid === null) return null;
  return usOfMs(BigInt(Date.now())) + (2n * BigInt(valid) - 1n) * HALF_HOUR;
}

async function lotsOf(pool: Tables['pool'], address: string): Promise<unknown> {
  const { rows } = await pool.query(
    `select remaining as left, ceil(extract(epoch from expires_at - now()) / 3600)::integer as hours from credit_lots
     where ledger = 'actions' and address = $1 order by granted_at, credit_ref, credit_index`,
    [address],
  );
  return rows;
}

/** Property: after each step lots, balances and what a rebuild makes of the history equal the model. */
export function storedEqualsLots({ pool, empty }: Tables): fc.IAsyncProperty<[Step[]]> {
  return fc.asyncProperty(steps, async (sequence) => {
    await empty();
    await pool.query(`delete from credit_policies where from_at > '-infinity'`);
    const world = new World(pool);
    for (const given of sequence) {
      await world.take(given);
      await world.expectSame();
    }
  });
}

import type { Pool } from 'pg';
import { type Msat, subtractMsat, toMsat, ZERO_MSAT } from '../../../../domain/money.js';
import { transact } from '../../../../engine/context.js';
import { drainForAttempt } from '../../../../engine/actions/attempt-lots.js';
import { refundAttempt } from '../../../../engine/actions/refund-attempt.js';
import type { ActionRef } from '../../../../engine/actions/contract.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { post, recordPayments } from '../../../../engine/actions/book-payments.js';
import { lockCredits } from '../../../../engine/credits/accounts.js';
import { readSpendable } from '../../../../engine/credits/read-balance.js';
import { grantCredits } from '../../../../engine/credits/grant.js';
import { expireDueLots, postExpired } from '../../../../engine/credits/expire.js';
import { applyInvoiceUpdate } from '../../../../engine/incoming/apply-invoice-update.js';
import { usOfMs } from '../../../../domain/credits/time.js';
import type { ActionFixture } from './fixture.helper.js';

export type Person = Caller & { readonly kind: 'account' };

const HOUR_MS = 3_600_000n;
const POOL = { system: 'pool' } as const;

/** A grant that expires half an hour before so many hours have passed; null: never. */
export async function grantFor(
  { engine }: ActionFixture,
  person: Person,
  {
    msat,
    hours,
    key,
  }: { readonly msat: bigint; readonly hours: number | null; readonly key: string },
): Promise<void> {
  const halfHours = BigInt(2 * (hours ?? 0) - 1);
  const expiresUs = usOfMs(BigInt(Date.now()) + (halfHours * HOUR_MS) / 2n);
  await transact(engine, (tx) =>
    grantCredits(tx, {
      ...{ accountId: person.id, amountMsat: toMsat(msat), key },
      ...(hours === null ? {} : { expiresUs }),
    }),
  );
}

export function sweep({ pool }: ActionFixture): Promise<number> {
  return expireDueLots(pool, { limit: 1000, post: postExpired });
}

/**
 * What a flow that takes part of the cost in credits before it is paid would do at opening. False when they do not suffice. The
 * attempt is open.
 */
export function takeCredits(
  { engine }: ActionFixture,
  ref: ActionRef,
  payer: Person,
  amountMsat: Msat,
): Promise<boolean> {
  return transact(engine, async (tx) => {
    await lockCredits(tx, [payer.id]);
    const { msat, atUs } = await readSpendable(tx, payer.id, [payer.id]);
    if (msat < amountMsat) return false;
    const holder = { accountId: payer.id };
    const key = takenKey(ref);
    const lines = [
      { holder, asset: 'CREDITS', amountMsat: subtractMsat(ZERO_MSAT, amountMsat) },
      { holder: POOL, asset: 'CREDITS', amountMsat },
    ] as const;
    await post(tx, [{ key, lines }]);
    const source = { kind: 'credits', payer: payer.id, amountMsat, atUs } as const;
    await drainForAttempt(tx, key, ref, source, { shares: [], refunds: [] });
    const taken = { direction: 'in', kind: 'credits', holder, amountMsat } as const;
    await recordPayments(tx, [{ ref, payments: [taken] }]);
    return true;
  });
}

/** The attempt fails, as the node has canceled its invoice, and what it took is given back. */
export function failAndGiveBack(
  { engine }: ActionFixture,
  { ref, hash }: { readonly ref: ActionRef; readonly hash: string },
  payer: Person,
  amountMsat: Msat,
): Promise<void> {
  return transact(engine, async (tx) => {
    await lockCredits(tx, [payer.id]);
    const canceled = { hash, state: 'canceled', receivedMsat: ZERO_MSAT } as const;
    await applyInvoiceUpdate(tx, canceled);
    const taken = { key: takenKey(ref), payer: payer.id, amountMsat, holder: POOL };
    await refundAttempt(engine, tx, ref, taken);
  });
}

function takenKey(ref: ActionRef): string {
  return `action/${ref.actionId}/${ref.attempt}/taken`;
}

/** How an account's postings and lots stand. */
export interface Standing {
  readonly account: string;
  readonly postedMsat: bigint;
  readonly lotsMsat: bigint;
  readonly keptMsat: bigint;
}

export async function standings(pool: Pool, people: readonly Person[]): Promise<Standing[]> {
  const { rows } = await pool.query<Standing>(
    `select a.name as account, l.balance_msat as "postedMsat", c.remaining as "keptMsat",
       (select coalesce(sum(remaining), 0)::bigint from credit_lots
        where ledger = 'actions' and address = a.id::text) as "lotsMsat"
     from accounts a join ledger_accounts l on l.owner = a.id and l.asset = 'CREDITS'
     join credit_accounts c on c.ledger = 'actions' and c.address = a.id::text
     where a.id = any($1::uuid[]) order by a.id`,
    [people.map(({ id }) => id)],
  );
  return rows;
}

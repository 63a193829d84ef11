import type { Pool } from 'pg';
import { toMsat } from '../../../../domain/money.js';
import { transact } from '../../../../engine/context.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { grantCredits } from '../../../../engine/credits/grant.js';
import { expireDueLots, postExpired } from '../../../../engine/credits/expire.js';
import { usOfMs } from '../../../../domain/credits/time.js';
import type { ActionFixture } from './fixture.helper.js';

export type Person = Caller & { readonly kind: 'account' };

const HOUR_MS = 3_600_000n;

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

/** How an account's postings and lots stand. */
export interface AccountBalances {
  readonly account: string;
  readonly postedMsat: bigint;
  readonly lotsMsat: bigint;
  readonly keptMsat: bigint;
}

export async function accountBalances(
  pool: Pool,
  people: readonly Person[],
): Promise<AccountBalances[]> {
  const { rows } = await pool.query<AccountBalances>(
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

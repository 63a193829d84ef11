import type { ClientBase, Pool } from 'pg';
import type { LedgerName } from '../../domain/credits/lot.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { NEXT_INSTANT } from './accounts.js';

type Db = Pool | ClientBase;

/** An instant as a parameter; undefined: the database's now. */
function parameterOf(now: Us | undefined): string | null {
  return now === undefined ? null : isoOfUs(now);
}

/** The sum of an address's lots that have not expired; 0 for an unknown address. */
export async function readBalance(
  db: Db,
  ledger: LedgerName,
  address: string,
  now?: Us,
): Promise<bigint> {
  const { rows } = await db.query<{ balance: bigint }>({
    name: 'credits-balance',
    text: `select coalesce(sum(remaining), 0)::bigint as balance from credit_lots
     where ledger = $1 and address = $2 and (expires_at is null or expires_at > coalesce($3::timestamptz, now()))`,
    values: [ledger, address, parameterOf(now)],
  });
  return rows[0]?.balance ?? 0n;
}

export interface BalanceDetail {
  /** Null: never. */
  readonly expiresUs: Us | null;
  readonly amount: bigint;
}

/** The balance by expiry: credits that never expire first, then those that expire soonest. */
export async function readBalanceDetails(
  db: Db,
  ledger: LedgerName,
  address: string,
  now?: Us,
): Promise<readonly BalanceDetail[]> {
  const { rows } = await db.query<BalanceDetail>({
    name: 'credits-details',
    text: `select to_us(expires_at) as "expiresUs", sum(remaining)::bigint as amount from credit_lots
     where ledger = $1 and address = $2 and (expires_at is null or expires_at > coalesce($3::timestamptz, now()))
     group by expires_at order by expires_at nulls first`,
    values: [ledger, address, parameterOf(now)],
  });
  return rows;
}

export interface BalanceOf {
  readonly address: string;
  readonly credits: bigint;
}

export interface ListBalances {
  readonly ledger: LedgerName;
  readonly minBalance: bigint;
  /** 0: all. */
  readonly limit: number;
  readonly offset?: number;
  readonly afterAddress?: string;
  readonly now?: Us;
}

/** The balance of every address that was ever granted credits; with a minimum of 0 also of empty ones. */
const SUMS = `
  select a.address, coalesce(l.credits, 0)::bigint as credits
  from credit_accounts a left join lateral (
    select sum(remaining) as credits from credit_lots
    where ledger = a.ledger and address = a.address
      and (expires_at is null or expires_at > coalesce($3::timestamptz, now()))) l on true
  where a.ledger = $1 and a.granted > 0 and coalesce(l.credits, 0) >= $2`;

export async function listBalances(db: Db, list: ListBalances): Promise<readonly BalanceOf[]> {
  const { rows } = await db.query<BalanceOf>(
    `${SUMS} and a.address > $4 order by a.address limit nullif($5::bigint, 0) offset $6`,
    [
      list.ledger,
      list.minBalance,
      parameterOf(list.now),
      list.afterAddress ?? '',
      list.limit,
      list.offset ?? 0,
    ],
  );
  return rows;
}

export async function countBalances(
  db: Db,
  list: Pick<ListBalances, 'ledger' | 'minBalance' | 'now'>,
): Promise<number> {
  const { rows } = await db.query<{ count: bigint }>(
    `select count(*) as count from (${SUMS}) sums`,
    [list.ledger, list.minBalance, parameterOf(list.now)],
  );
  return Number(rows[0]?.count ?? 0n);
}

/** What an account can spend at an instant. */
export interface Spendable {
  readonly atUs: Us;
  /** The sum of the lots that are valid at the instant, whether or not the expiry of the others was processed. */
  readonly msat: bigint;
}

/**
 * What `payer` can spend now, in msat. All of `locked`, the payer among them, are locked. The instant is after everything that was
 * debited from them or granted to the payer, even if the clock was set back: a payment dated so is neither late nor uncovered.
 */
export async function readSpendable(
  tx: ClientBase,
  payer: string,
  locked: readonly string[],
): Promise<Spendable> {
  const { rows } = await tx.query<Spendable>(
    `with instant as materialized (
       select greatest(
           max(${NEXT_INSTANT}),
           (select max(granted_at) from credit_lots where ledger = 'actions' and address = $1)) as at
       from credit_accounts where ledger = 'actions' and address = any($2::text[]))
     select to_us(instant.at) as "atUs",
       a.remaining
         - coalesce((select sum(remaining) from credit_lots l
             where l.ledger = 'actions' and l.address = $1 and l.expires_at <= instant.at), 0)::bigint as msat
     from instant join credit_accounts a on a.ledger = 'actions' and a.address = $1`,
    [payer, locked],
  );
  const [spendable] = rows;
  if (spendable === undefined) throw new Error(`account ${payer} has no row in credit_accounts`);
  return spendable;
}

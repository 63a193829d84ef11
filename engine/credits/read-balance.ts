import type { ClientBase, Pool } from 'pg';
import type { LedgerName } from '../../domain/credits/lot.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';

type Db = Pool | ClientBase;

/** A moment as a parameter; left out: the database's now. */
function momentOf(now: Us | undefined): string | null {
  return now === undefined ? null : isoOfUs(now);
}

/** What is left of an address's lots that are not expired; 0 for an unknown one. */
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
    values: [ledger, address, momentOf(now)],
  });
  return rows[0]?.balance ?? 0n;
}

export interface BalanceDetail {
  /** Null: never. */
  readonly expiresUs: Us | null;
  readonly amount: bigint;
}

/** The same by expiry: what never expires first, then the soonest. */
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
    values: [ledger, address, momentOf(now)],
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

/** Of every address that was ever given something; at a minimum of 0 the empty ones too. */
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
      momentOf(list.now),
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
    [list.ledger, list.minBalance, momentOf(list.now)],
  );
  return Number(rows[0]?.count ?? 0n);
}

import type { Pool } from 'pg';

/** A change of one balance of an account. */
export interface StatementLine {
  readonly entryId: bigint;
  readonly asset: 'CREDITS' | 'SATS';
  /** Positive: received. */
  readonly amountMsat: bigint;
  readonly balanceAfterMsat: bigint;
  /** Names what it was for, such as `action/<id>/1/paid`. */
  readonly key: string;
  readonly at: Date;
}

/** Where a page of a statement ends: two balances may change in one entry. */
export interface StatementPosition {
  readonly entryId: bigint;
  readonly asset: string;
}

/** What an account received and paid, the newest first. */
export async function readStatement(
  db: Pool,
  accountId: string,
  before: StatementPosition | undefined,
  limit: number,
): Promise<StatementLine[]> {
  const { rows } = await db.query<StatementLine>(
    `select line.entry_id as "entryId", a.asset, line.amount_msat as "amountMsat", line.balance_after_msat as "balanceAfterMsat",
       e.key, e.created_at as at
     from ledger_accounts a
     cross join lateral (
       select p.entry_id, p.amount_msat, p.balance_after_msat from postings p
       where p.ledger_account_id = a.id and ($2::bigint is null or (p.entry_id, a.asset) < ($2::bigint, $3::text))
       order by p.entry_id desc limit $4) line
     join entries e on e.id = line.entry_id
     where a.owner = $1 order by line.entry_id desc, a.asset desc limit $4`,
    [accountId, before?.entryId ?? null, before?.asset ?? null, limit],
  );
  return rows;
}

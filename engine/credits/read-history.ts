import type { Pool } from 'pg';
import type { Us } from '../../domain/credits/time.js';
import {
  historyAfter,
  type HistoryOf,
  historyOrder,
  type HistoryPlace,
  historyWhere,
  RESOURCE,
  type SortField,
} from './history-query.js';

export interface HistoryList extends HistoryOf {
  readonly sortBy: SortField;
  readonly descending: boolean;
  /** 0: all. */
  readonly limit: number;
  readonly offset?: number;
  readonly after?: HistoryPlace;
}

/** A history row. Decimals are text, as they are stored. */
export interface HistoryView {
  readonly ref: string;
  readonly index: number;
  readonly address: string;
  readonly amount: bigint;
  readonly atUs: Us;
  readonly expiresUs: Us | null;
  readonly price: string | null;
  readonly bonusAmount: bigint | null;
  readonly txHash: string | null;
  readonly token: string | null;
  readonly chain: string | null;
  readonly provider: string | null;
  readonly origin: string | null;
  readonly originRef: string | null;
  readonly paymentMethod: string | null;
  readonly expenseCount: bigint | null;
  readonly expenseSizeMib: string | null;
}

const COLUMNS = `credit_ref as ref, credit_index as index, address, amount, to_us(at) as "atUs",
  to_us(expires_at) as "expiresUs", price, bonus_amount as "bonusAmount", tx_hash as "txHash", token, chain, provider, origin,
  origin_ref as "originRef", payment_method as "paymentMethod", expense_count as "expenseCount",
  expense_size_mib as "expenseSizeMib"`;

export async function readHistory(pool: Pool, list: HistoryList): Promise<readonly HistoryView[]> {
  const values: unknown[] = [];
  const param = (value: unknown): string => `$${values.push(value)}`;
  const { sortBy, descending, after, limit, offset = 0 } = list;
  const where = historyWhere(list, param);
  const isAfter =
    after === undefined ? '' : ` and ${historyAfter(sortBy, descending, after, param)}`;
  const { rows } = await pool.query<HistoryView>(
    `select ${COLUMNS} from credit_history where ${where}${isAfter}
     order by ${historyOrder(sortBy, descending)}
     limit nullif(${param(limit)}::bigint, 0) offset ${param(offset)}`,
    values,
  );
  return rows;
}

export interface HistorySummary {
  readonly entryCount: number;
  readonly totalAmount: bigint;
  readonly totalIncoming: bigint;
  /** Negative. */
  readonly totalOutgoing: bigint;
}

/** All zeros when no row passes the filters. */
export async function readHistorySummary(pool: Pool, of: HistoryOf): Promise<HistorySummary> {
  const values: unknown[] = [];
  const where = historyWhere(of, (value) => `$${values.push(value)}`);
  const { rows } = await pool.query<{ count: bigint; incoming: string; outgoing: string }>(
    `select count(*) as count, coalesce(sum(amount) filter (where amount > 0), 0) as incoming,
       coalesce(sum(amount) filter (where amount < 0), 0) as outgoing
     from credit_history where ${where}`,
    values,
  );
  const [row] = rows;
  const totalIncoming = BigInt(row?.incoming ?? 0);
  const totalOutgoing = BigInt(row?.outgoing ?? 0);
  return {
    entryCount: Number(row?.count ?? 0n),
    totalAmount: totalIncoming + totalOutgoing,
    totalIncoming,
    totalOutgoing,
  };
}

/** The sum of an address's expenses in ledger `aleph`, covered or not. */
export async function readConsumedBy(pool: Pool, address: string): Promise<bigint> {
  const { rows } = await pool.query<{ consumed: bigint }>(
    `select coalesce(sum(abs(amount)), 0)::bigint as consumed from credit_history
     where ledger = 'aleph' and payment_method = 'credit_expense' and address = $1`,
    [address],
  );
  return rows[0]?.consumed ?? 0n;
}

/** The sums of expenses by resource: an expense's origin or, if that is missing, its reference. Resources without expenses are absent. */
export async function readConsumedByResource(
  pool: Pool,
  itemHashes: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  if (itemHashes.length === 0) return new Map();
  const { rows } = await pool.query<{ resource: string; consumed: bigint }>(
    `select ${RESOURCE} as resource, sum(abs(amount))::bigint as consumed from credit_history
     where ledger = 'aleph' and payment_method = 'credit_expense'
       and ${RESOURCE} = any($1::text[])
     group by 1`,
    [itemHashes],
  );
  return new Map(rows.map(({ resource, consumed }) => [resource, consumed]));
}

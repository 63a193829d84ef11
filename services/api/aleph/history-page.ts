import type { Pool } from 'pg';
import type { z } from 'zod';
import type { HistoryPlace, SortField } from '../../../engine/credits/history-query.js';
import {
  type HistoryView,
  readHistory,
  readHistorySummary,
} from '../../../engine/credits/read-history.js';
import { isoOfUs } from '../../../domain/credits/time.js';
import { decodeHistoryCursor, encodeHistoryCursor } from './cursor.js';
import { filtersOf, type historyQuery } from './query.js';

type Query = z.output<typeof historyQuery>;

/** Undefined when no entry passes the filters: pyaleph then answers 404. */
export function historyPage(
  pool: Pool,
  address: string,
  query: Query,
): Promise<object | undefined> {
  return query.cursor === undefined
    ? numberedPage(pool, address, query)
    : cursorPage(pool, address, query, query.cursor);
}

async function numberedPage(
  pool: Pool,
  address: string,
  query: Query,
): Promise<object | undefined> {
  const of = { ledger: 'aleph', address, filters: filtersOf(query) } as const;
  const { pagination, page } = query;
  const rows = await readHistory(pool, {
    ...of,
    sortBy: query.sort_by,
    descending: query.sort_order < 0,
    limit: pagination,
    offset: (page - 1) * pagination,
  });
  if (rows.length === 0) return undefined;
  const { entryCount } = await readHistorySummary(pool, of);
  return {
    address,
    credit_history: rows.map(present),
    pagination_page: page,
    pagination_total: entryCount,
    pagination_per_page: pagination,
  };
}

async function cursorPage(
  pool: Pool,
  address: string,
  query: Query,
  cursor: string,
): Promise<object | undefined> {
  const { pagination, sort_by: sortBy, sort_order: sortOrder } = query;
  const after = cursor === '' ? undefined : decodeHistoryCursor(cursor, { sortBy, sortOrder });
  const rows = await readHistory(pool, {
    ...{ ledger: 'aleph', address, filters: filtersOf(query), sortBy },
    descending: sortOrder < 0,
    limit: pagination + 1,
    ...(after === undefined ? {} : { after }),
  });
  if (rows.length === 0) return undefined;
  const shown = rows.slice(0, pagination);
  const last = rows.length > pagination ? shown.at(-1) : undefined;
  return {
    address,
    credit_history: shown.map(present),
    pagination_per_page: pagination,
    next_cursor:
      last === undefined ? null : encodeHistoryCursor({ sortBy, sortOrder }, placeOf(last, sortBy)),
  };
}

function placeOf(row: HistoryView, sortBy: SortField): HistoryPlace {
  return { value: VALUES[sortBy](row), ref: row.ref, index: row.index };
}

const VALUES: Readonly<Record<SortField, (row: HistoryView) => string | null>> = {
  message_timestamp: ({ atUs }) => isoOfUs(atUs),
  expiration_date: ({ expiresUs }) => (expiresUs === null ? null : isoOfUs(expiresUs)),
  payment_method: ({ paymentMethod }) => paymentMethod,
  amount: ({ amount }) => amount.toString(),
  origin: ({ origin }) => origin,
  tx_hash: ({ txHash }) => txHash,
  provider: ({ provider }) => provider,
};

/** The sixteen fields of pyaleph's answer. */
function present(row: HistoryView): object {
  return {
    amount: row.amount,
    price: row.price,
    bonus_amount: row.bonusAmount,
    tx_hash: row.txHash,
    token: row.token,
    chain: row.chain,
    provider: row.provider,
    origin: row.origin,
    origin_ref: row.originRef,
    payment_method: row.paymentMethod,
    credit_ref: row.ref,
    credit_index: row.index,
    expiration_date: row.expiresUs === null ? null : isoOfUs(row.expiresUs),
    message_timestamp: isoOfUs(row.atUs),
    expense_count: row.expenseCount,
    expense_size_mib: row.expenseSizeMib,
  };
}

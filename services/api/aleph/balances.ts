import type { Pool } from 'pg';
import type { z } from 'zod';
import {
  countBalances,
  listBalances,
  readBalance,
  readBalanceDetails,
} from '../../../engine/credits/read-balance.js';
import { isoOfUs } from '../../../domain/credits/time.js';
import { decodeListCursor, encodeListCursor } from './cursor.js';
import { ExactFloat } from '../../../domain/credits/exact-json.js';
import type { balanceQuery, balancesQuery } from './query.js';

const ledger = 'aleph';
/** As Python writes it. */
const ZERO = new ExactFloat('0.0');

/** The balance of tokens is always 0: they are not stored here. */
export async function accountBalance(
  pool: Pool,
  address: string,
  query: z.output<typeof balanceQuery>,
): Promise<object> {
  const details = query.include_credit_details
    ? await readBalanceDetails(pool, ledger, address)
    : null;
  return {
    address,
    balance: ZERO,
    details: {},
    locked_amount: ZERO,
    credit_balance: await readBalance(pool, ledger, address),
    credit_balance_details:
      details?.map(({ expiresUs, amount }) => ({
        expiration_date: expiresUs === null ? null : isoOfUs(expiresUs),
        amount,
      })) ?? null,
  };
}

export async function creditBalances(
  pool: Pool,
  query: z.output<typeof balancesQuery>,
): Promise<object> {
  const { pagination, page, cursor } = query;
  const minBalance = BigInt(query.min_balance ?? 0);
  if (cursor !== undefined) return cursorPage(pool, minBalance, pagination, cursor);
  const rows = await listBalances(pool, {
    ...{ ledger, minBalance, limit: pagination, offset: (page - 1) * pagination },
  });
  return {
    credit_balances: rows,
    pagination_page: page,
    pagination_per_page: pagination,
    pagination_total: await countBalances(pool, { ledger, minBalance }),
    pagination_item: 'credit_balances',
  };
}

async function cursorPage(
  pool: Pool,
  minBalance: bigint,
  pagination: number,
  cursor: string,
): Promise<object> {
  const afterAddress = cursor === '' ? '' : decodeListCursor(cursor);
  const rows = await listBalances(pool, {
    ...{ ledger, minBalance, limit: pagination + 1, afterAddress },
  });
  const shown = rows.slice(0, pagination);
  const last = rows.length > pagination ? shown.at(-1) : undefined;
  return {
    credit_balances: shown,
    pagination_per_page: pagination,
    next_cursor: last === undefined ? null : encodeListCursor(last.address),
  };
}

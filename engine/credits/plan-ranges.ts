import type { Pool } from 'pg';
import type { LedgerName } from '../../domain/credits/lot.js';
import type { AddressRange } from './rebuild-range.js';

/** Ranges at once, over all workers: other work of a worker needs connections, too. */
const RANGES = 4;
const ADDRESSES = 1000;

/** Cuts the addresses that follow one into ranges; empty at the end. */
export async function planRanges(
  pool: Pool,
  ledger: LedgerName,
  after: string,
): Promise<readonly AddressRange[]> {
  const { rows } = await pool.query<{ through: string }>(
    `with recursive walk as (
       (select address, 1 as place from credit_history where ledger = $1 and address > $2 order by address limit 1)
       union all
       select (select h.address from credit_history h where h.ledger = $1 and h.address > walk.address
               order by h.address limit 1), place + 1
       from walk where walk.address is not null and place < $3),
     named as (select address, place from walk where address is not null)
     select address as through from named
     where place % $4 = 0 or place = (select max(place) from named) order by place`,
    [ledger, after, RANGES * ADDRESSES, ADDRESSES],
  );
  return rows.map(({ through }, n) => ({ ledger, after: rows[n - 1]?.through ?? after, through }));
}

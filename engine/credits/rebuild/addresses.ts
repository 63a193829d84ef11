import type { Pool } from 'pg';
import type { LedgerName } from '../../../domain/credits/lot.js';

/** The addresses of a ledger, in order, after one address and up to another one, inclusive. */
export interface AddressRange {
  readonly ledger: LedgerName;
  /** Empty: from the first. */
  readonly after: string;
  /** Null: to the last. */
  readonly through: string | null;
}

/** The number of ranges per call: few, since the workers need connections for other work, too. */
const RANGES = 4;
const RANGE_ADDRESSES = 1000;

/** The size of a transaction, unless a single address has more rows: it holds its locks for some hundred milliseconds. */
const BATCH_ROWS = 4000;
const BATCH_ADDRESSES = 200;

/**
 * SQL: the addresses of ledger $1 with a history, in order, after $2, up to the first that is not before $3, where that is not null. Reads the
 * index once per address, however many rows it has.
 */
const WALK = `
  walk as (
    (select address from credit_history where ledger = $1 and address > $2 order by address limit 1)
    union all
    select (select h.address from credit_history h where h.ledger = $1 and h.address > walk.address
            order by h.address limit 1)
    from walk where walk.address is not null and ($3::text is null or walk.address < $3))`;

/** Addresses with a history, in order, after one. */
export async function readAddresses(
  pool: Pool,
  ledger: LedgerName,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ address: string }>(
    `with recursive ${WALK} select address from walk where address is not null limit $4`,
    [ledger, after, null, limit],
  );
  return rows.map(({ address }) => address);
}

/** The next ranges after an address; empty when there are no more addresses. */
export async function planRanges(
  pool: Pool,
  ledger: LedgerName,
  after: string,
): Promise<readonly AddressRange[]> {
  const addresses = await readAddresses(pool, ledger, after, RANGES * RANGE_ADDRESSES);
  const ends = addresses.filter(
    (_, n) => (n + 1) % RANGE_ADDRESSES === 0 || n === addresses.length - 1,
  );
  return ends.map((through, n) => ({ ledger, after: ends[n - 1] ?? after, through }));
}

/** The addresses of a range in batches of one transaction each, with the number of their history rows. */
export async function* addressBatches(
  pool: Pool,
  { ledger, after, through }: AddressRange,
): AsyncGenerator<{ addresses: readonly string[]; rows: number }> {
  let from = after;
  for (;;) {
    const sizes = await readSizes(pool, { ledger, after: from, through }, BATCH_ADDRESSES);
    for (const batch of batchesOf(sizes)) {
      const addresses = batch.map(({ address }) => address);
      yield { addresses, rows: batch.reduce((sum, { rows }) => sum + rows, 0) };
    }
    from = sizes.at(-1)?.address ?? from;
    if (sizes.length < BATCH_ADDRESSES) return;
  }
}

interface AddressSize {
  readonly address: string;
  readonly rows: number;
}

/** Addresses with a history, and the number of its rows. */
async function readSizes(
  pool: Pool,
  { ledger, after, through }: AddressRange,
  limit: number,
): Promise<readonly AddressSize[]> {
  const { rows } = await pool.query<{ address: string; rows: bigint }>({
    name: 'credits-sizes',
    text: `
      with recursive ${WALK}
      select address,
        (select count(*) from credit_history h where h.ledger = $1 and h.address = walk.address) as rows
      from walk where address is not null and ($3::text is null or address <= $3) limit $4`,
    values: [ledger, after, through, limit],
  });
  return rows.map(({ address, rows: count }) => ({ address, rows: Number(count) }));
}

function* batchesOf(sizes: readonly AddressSize[]): Generator<readonly AddressSize[]> {
  let batch: AddressSize[] = [];
  let rows = 0;
  for (const size of sizes) {
    if (batch.length > 0 && rows + size.rows > BATCH_ROWS) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(size);
    rows += size.rows;
  }
  if (batch.length > 0) yield batch;
}

import type { Pool } from 'pg';
import type { LedgerName } from '../../domain/credits/lot.js';
import { rebuildAddresses, type RebuiltAddress, type RebuildOptions } from './rebuild.js';

/** Addresses of a ledger, in their order: after one of them, up to and including another. */
export interface AddressRange {
  readonly ledger: LedgerName;
  /** Empty: from the first. */
  readonly after: string;
  /** Null: to the last. */
  readonly through: string | null;
}

/** A few addresses that were rebuilt in one transaction. */
export interface RebuiltBatch {
  /** The last of them: all up to it are done. */
  readonly through: string;
  readonly addresses: number;
  /** Rows of their histories. */
  readonly rows: number;
  readonly differing: readonly RebuiltAddress[];
}

/** What one transaction takes on, unless a single address has more: its locks are held for some hundred milliseconds. */
const BATCH_ROWS = 4000;
const BATCH_ADDRESSES = 200;

/** Rebuilds a range, batch by batch; whoever stops in between goes on after the last batch's end. */
export async function* rebuildRange(
  pool: Pool,
  range: AddressRange,
  options: RebuildOptions,
): AsyncGenerator<RebuiltBatch> {
  for await (const { addresses, rows } of addressBatches(pool, range)) {
    const rebuilt = await rebuildAddresses(pool, range.ledger, addresses, options);
    yield {
      through: addresses.at(-1) ?? range.after,
      addresses: addresses.length,
      rows,
      differing: rebuilt.filter(({ differed }) => differed),
    };
  }
}

/** The addresses of a range in pieces for a transaction each, and how long their histories are together. */
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

/** Addresses with a history and how long it is, without reading it. */
async function readSizes(
  pool: Pool,
  { ledger, after, through }: AddressRange,
  limit: number,
): Promise<readonly AddressSize[]> {
  const { rows } = await pool.query<{ address: string; rows: bigint }>({
    name: 'credits-sizes',
    text: `
      with recursive walk as (
        (select address from credit_history where ledger = $1 and address > $2 order by address limit 1)
        union all
        select (select h.address from credit_history h where h.ledger = $1 and h.address > walk.address
                order by h.address limit 1)
        from walk where walk.address is not null)
      select address, (select count(*) from credit_history h where h.ledger = $1 and h.address = walk.address) as rows
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

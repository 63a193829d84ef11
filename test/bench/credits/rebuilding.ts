import type { Pool } from 'pg';
import { readAddresses, type AddressRange } from '../../../engine/credits/rebuild/addresses.js';
import { rebuildRange } from '../../../engine/credits/rebuild/rebuild.js';
import { LEDGER, LOTS } from './lots-to-rebuild.js';

/** Concurrent ranges: as many as a worker runs activities of a rebuild. */
export const REBUILDERS = 2;
const RANGES = 10;

/** Rebuilds everything, in lots per second. Throws when the number of differing addresses is not as expected. */
export async function rebuildAll(pool: Pool, expectDifferences: boolean): Promise<number> {
  const addresses = await readAddresses(pool, LEDGER, '', 100_000);
  const startedAt = performance.now();
  const ranges = rangesOf(addresses);
  let differed = 0;
  const work = async (): Promise<void> => {
    for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
      for await (const { differing } of rebuildRange(pool, range, { dryRun: false })) {
        differed += differing.length;
      }
    }
  };
  await Promise.all(Array.from({ length: REBUILDERS }, work));
  const seconds = (performance.now() - startedAt) / 1000;
  if (differed !== (expectDifferences ? addresses.length : 0)) {
    throw new Error(`${differed} of ${addresses.length} addresses differed`);
  }
  return LOTS / seconds;
}

function rangesOf(addresses: readonly string[]): AddressRange[] {
  const size = Math.ceil(addresses.length / RANGES);
  return Array.from({ length: RANGES }, (_, n) => ({
    ledger: LEDGER,
    after: n === 0 ? '' : (addresses[n * size - 1] ?? ''),
    through: n === RANGES - 1 ? null : (addresses[(n + 1) * size - 1] ?? null),
  }));
}

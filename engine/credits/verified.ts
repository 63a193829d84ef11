import type { Pool } from 'pg';
import type { LedgerName } from '../../domain/credits/lot.js';
import { PROJECTION_RULES } from '../../domain/credits/replay.js';

/** Throws while the lots of a ledger are not known to be those of its history: balances may read as 0. */
export async function checkVerified(pool: Pool): Promise<void> {
  const [unverified] = await readUnverified(pool);
  if (unverified !== undefined) {
    throw new Error(
      `lots of ledger ${unverified} are not verified since its history was changed: quittance credits rebuild`,
    );
  }
}

/** Ledgers whose lots have to be compared with their history. A handful of rows, whatever the size of these. */
export async function readUnverified(pool: Pool): Promise<readonly LedgerName[]> {
  const { rows } = await pool.query<{ ledger: LedgerName }>(
    `select ledger from credit_projections
     where verified_generation is distinct from generation or verified_rules is distinct from $1 order by ledger`,
    [PROJECTION_RULES],
  );
  return rows.map(({ ledger }) => ledger);
}

/** To be read before the first address is looked at. */
export async function readGeneration(pool: Pool, ledger: LedgerName): Promise<bigint> {
  const { rows } = await pool.query<{ generation: bigint }>(
    'select generation from credit_projections where ledger = $1',
    [ledger],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`there is no ledger ${ledger}`);
  return row.generation;
}

/**
 * Notes that every address of a ledger has the lots that follow from its history. False when history was brought in, or lots were
 * taken away, since the generation was read: then nothing is noted.
 */
export async function markVerified(
  pool: Pool,
  ledger: LedgerName,
  generation: bigint,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update credit_projections set verified_generation = generation, verified_rules = $3, verified_at = now()
     where ledger = $1 and generation = $2`,
    [ledger, generation, PROJECTION_RULES],
  );
  return rowCount === 1;
}

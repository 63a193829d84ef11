import type { Pool } from 'pg';
import type { LedgerName } from '../../../domain/credits/lot.js';
import { PROJECTION_RULES } from '../../../domain/credits/replay.js';

/** Throws while a ledger is not verified: its lots may be missing, and balances read as 0. */
export async function checkVerified(pool: Pool): Promise<void> {
  const [unverified] = await readUnverified(pool);
  if (unverified !== undefined) {
    throw new Error(
      `the lots of ledger ${unverified} are not verified: run quittance credits rebuild`,
    );
  }
}

/**
 * The ledgers whose lots have to be compared with their history. Reads one row per ledger. What was verified under newer rules is
 * verified: a release serves on beside the next one, which has rebuilt them.
 */
export async function readUnverified(pool: Pool): Promise<readonly LedgerName[]> {
  const { rows } = await pool.query<{ ledger: LedgerName }>(
    `select ledger from credit_projections
     where verified_generation is distinct from generation or verified_rules < $1 order by ledger`,
    [PROJECTION_RULES],
  );
  return rows.map(({ ledger }) => ledger);
}

/**
 * Before a rebuild or verification reads its first address: tells PostgreSQL what the history is like, which may have just been imported (a plan
 * made for none of its rows reads all of them once per address), and returns the ledger's generation. While a
 * vacuum holds the history, it goes on after 2 s with the statistics there are.
 */
export async function beginReplay(pool: Pool, ledger: LedgerName): Promise<bigint> {
  const generation = await readGeneration(pool, ledger);
  await pool.query('select analyze_credit_history()');
  return generation;
}

/** The ledger's generation. */
async function readGeneration(pool: Pool, ledger: LedgerName): Promise<bigint> {
  const { rows } = await pool.query<{ generation: bigint }>(
    'select generation from credit_projections where ledger = $1',
    [ledger],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`there is no ledger ${ledger}`);
  return row.generation;
}

/**
 * Marks a ledger as verified: every address has the lots that the replay of its history gives. False, and not marked, when history
 * was imported or lots were changed from outside since the generation was read.
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

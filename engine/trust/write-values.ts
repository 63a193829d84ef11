import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { TrustRun } from './run.js';

/** How much an account is trusted, each 0 to 1: as a voter on posts and on comments, by the seeds and by the territory's founder. */
export interface FourValues {
  readonly postBySeeds: number;
  readonly postByFounder: number;
  readonly commentBySeeds: number;
  readonly commentByFounder: number;
}

/** Instead of those of the run before; the run is finished. Nothing where another process was faster. */
export async function writeValues(
  pool: Pool,
  run: TrustRun,
  values: readonly (readonly [string, FourValues])[],
): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      'update trust_runs set finished_at = clock_timestamp() where id = $1 and finished_at is null',
      [run.id],
    );
    if (rowCount !== 1) return;
    await tx.query('delete from trust_values where territory = $1', [run.territory]);
    await tx.query(
      `insert into trust_values (territory, account_id, post_by_seeds, post_by_founder, comment_by_seeds, comment_by_founder)
       select $1, * from unnest($2::uuid[], $3::float8[], $4::float8[], $5::float8[], $6::float8[])`,
      [
        run.territory,
        values.map(([id]) => id),
        values.map(([, of]) => of.postBySeeds),
        values.map(([, of]) => of.postByFounder),
        values.map(([, of]) => of.commentBySeeds),
        values.map(([, of]) => of.commentByFounder),
      ],
    );
    await tx.query('delete from trust_voters where run_id = $1', [run.id]);
    await tx.query('delete from trust_edges where run_id = $1', [run.id]);
  });
}

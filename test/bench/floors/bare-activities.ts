import type { Pool } from 'pg';

export interface BareActivities {
  step(what: string): Promise<number>;
}

/** Activities with one insert each. */
export function bareActivities(pool: Pool): BareActivities {
  return {
    step: async (what) => {
      const { rowCount } = await pool.query('insert into bench.steps (what) values ($1)', [what]);
      if (what === 'probe') await pool.query('notify bench_probe');
      return rowCount ?? 0;
    },
  };
}

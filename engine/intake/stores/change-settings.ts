import type { SlipRules } from '../../../domain/intake/slips/rules.js';
import { Refusal } from '../../../domain/refusal.js';
import type { IntakeContext } from '../context.js';

/**
 * Says which orders have participants; null: none. It holds for orders that enter the statuses from now on, and for later changes of
 * others. Throws Refusal `store.not_found`.
 */
export async function changeSlips(
  { pool }: IntakeContext,
  id: string,
  rules: SlipRules | null,
): Promise<void> {
  const { rowCount } = await pool.query(
    `update stores set settings = settings || jsonb_build_object('slips', $2::jsonb),
       slips_since = case when $2::jsonb = 'null' then null else coalesce(slips_since,
         clock_store_at + (clock_timestamp() - clock_database_at) * clock_rate) end
     where id = $1`,
    [id, JSON.stringify(rules)],
  );
  if (rowCount !== 1) throw new Refusal('store.not_found', `there is no store ${id}`);
}

export interface Keeping {
  readonly keepBodiesDays: number;
  readonly keepPersonsDays: number;
}

/** How long personal data is kept. Throws Refusal `store.not_found`. */
export async function changeKeeping(
  { pool }: IntakeContext,
  id: string,
  keeping: Keeping,
): Promise<void> {
  const { rowCount } = await pool.query(
    'update stores set settings = settings || $2::jsonb where id = $1',
    [id, JSON.stringify(keeping)],
  );
  if (rowCount !== 1) throw new Refusal('store.not_found', `there is no store ${id}`);
}

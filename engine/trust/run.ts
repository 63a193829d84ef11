import type { Pool } from 'pg';

export type TrustKind = 'post' | 'comment';

/** One computation of the trust in a territory. */
export interface TrustRun {
  readonly id: bigint;
  readonly territory: string;
  readonly at: Date;
}

/** A new run, or the one that is not finished. */
export async function beginRun(pool: Pool, territory: string): Promise<TrustRun> {
  await pool.query('insert into trust_runs (territory) values ($1) on conflict do nothing', [
    territory,
  ]);
  const { rows } = await pool.query<TrustRun>(
    'select id, territory, at from trust_runs where territory = $1 and finished_at is null',
    [territory],
  );
  const [run] = rows;
  // Another process has just finished it.
  return run ?? beginRun(pool, territory);
}

/** Territories with paid items, those first that were computed longest ago; '' is that of items in none. */
export async function territoriesByAge(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ territory: string }>(
    `with named as (
       select distinct t as territory from items cross join unnest(territories) as t where state = 'PAID' union select '')
     select territory from named order by (
       select max(finished_at) from trust_runs r where r.territory = named.territory) nulls first, territory`,
  );
  return rows.map(({ territory }) => territory);
}

/** An account from which trust begins. */
export async function addSeed(pool: Pool, accountId: string): Promise<void> {
  await pool.query('insert into trust_seeds (account_id) values ($1) on conflict do nothing', [
    accountId,
  ]);
}

import type { Pool } from 'pg';
import { recomputeTrust } from './recompute.js';
import { territoriesByAge } from './run.js';

/** Key of the advisory lock of the process that computes. */
const LOCK = 7_421_843_002n;
/** The day begins at midnight UTC; `now` is for tests. */
const TODAY = `date_trunc('day', coalesce($1::timestamptz, clock_timestamp()) at time zone 'UTC') at time zone 'UTC'`;

/** Whether trust begins anywhere and was not computed yet today (UTC): what is in no territory comes last. A look at three rows. */
export async function isTrustDue(pool: Pool, now?: Date): Promise<boolean> {
  const { rows } = await pool.query<{ due: boolean }>(
    `select not exists (select from trust_runs where territory = '' and finished_at >= ${TODAY})
       and (exists (select from trust_seeds) or exists (select from territories)) as due`,
    [now ?? null],
  );
  return rows[0]?.due ?? false;
}

/**
 * Computes the trust in all territories that was not computed today, one process at a time: the others do nothing. Stopped anywhere, the
 * next call goes on. Gives how many were computed.
 */
export async function recomputeDue(pool: Pool, now?: Date): Promise<number> {
  const client = await pool.connect();
  let broken = true;
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock($1) as mine',
      [LOCK.toString()],
    );
    const computed = rows[0]?.mine === true ? await recomputeAll(pool, now) : 0;
    await client.query('select pg_advisory_unlock_all()');
    broken = false;
    return computed;
  } finally {
    // A connection that may still have the lock is closed.
    client.release(broken);
  }
}

async function recomputeAll(pool: Pool, now?: Date): Promise<number> {
  const { rows } = await pool.query<{ territory: string }>(
    `select territory from trust_runs where finished_at >= ${TODAY}`,
    [now ?? null],
  );
  const done = new Set(rows.map(({ territory }) => territory));
  const due = (await territoriesByAge(pool)).filter((name) => name !== '' && !done.has(name));
  for (const territory of due) await recomputeTrust(pool, territory);
  if (done.has('')) return due.length;
  await recomputeTrust(pool, '');
  return due.length + 1;
}

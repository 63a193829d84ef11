import type { Pool } from 'pg';

export const VOTERS = 10_000;
export const VOTES = 1_000_000;
const ITEMS = 10_000;

/** Posts in no territory, and zaps for them: a few posts have votes of nearly all accounts, most have some tens. */
export async function fillVotes(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin; set local statement_timeout = 0');
    // Constraints between tables are checked row by row otherwise.
    await client.query('set local session_replication_role = replica');
    await client.query('select setseed(0.5)');
    await client.query(
      `insert into accounts (id, name) select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'voter-' || n
       from generate_series(1, $1) n`,
      [VOTERS],
    );
    await client.query(
      `insert into items (action_id, title, text, cost_msat, state, paid_at)
       select gen_random_uuid(), 'Post number ' || n, '', 1000, 'PAID', now() from generate_series(1, $1) n`,
      [ITEMS],
    );
    await client.query(
      `create temporary table votes on commit drop as
       select gen_random_uuid() as id, ('00000000-0000-4000-8000-' || lpad((1 + floor(random() * $1))::text, 12, '0'))::uuid as voter,
         (select min(id) from items) + floor(power(random(), 2) * $2)::bigint as item,
         (2000 + floor(power(random(), 4) * 1000) * 1000)::bigint as msat, now() - random() * interval '300 days' as at
       from generate_series(1, $3)`,
      [VOTERS, ITEMS, VOTES],
    );
    await client.query(
      `insert into actions (id, type, actor, args, request_hash, cost_msat, created_at)
       select id, 'ZAP', voter, '{}', sha256('bench'), msat, at from votes`,
    );
    await client.query(
      `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, performed, changed_at)
       select id, 1, voter, 'credits', 'PAID', msat, true, at from votes`,
    );
    await client.query(
      `insert into zaps (action_id, item_id, actor, amount_msat, state) select id, item, voter, msat, 'PAID' from votes`,
    );
    await client.query(
      `insert into trust_seeds (account_id) select id from accounts order by id limit 5`,
    );
    await client.query('commit');
  } finally {
    client.release();
  }
  await pool.query('analyze items; analyze zaps; analyze attempts');
}

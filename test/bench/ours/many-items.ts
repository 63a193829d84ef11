import type { Pool } from 'pg';

const POSTS = 20_000;
/** Of each post, in two levels. */
const COMMENTS = 4;

/**
 * Paid items, as if they had been posted one after the other: so many posts, 20,000 if nothing is said, each with four comments. Where
 * another part has filled them in, those. The id of a post with a tree.
 */
export async function fillItems(pool: Pool, posts = POSTS): Promise<string> {
  const { rowCount } = await pool.query(`select from actions where type = 'BENCH' limit 1`);
  if (rowCount === 0) await fill(pool, posts);
  const { rows } = await pool.query<{ id: bigint }>(
    `select parent_id as id from items where cardinality(path) = 1 group by parent_id order by count(*) desc limit 1`,
  );
  return String(rows[0]?.id);
}

async function fill(pool: Pool, posts: number): Promise<void> {
  await pool.query(
    `insert into actions (id, type, capability_hash, args, request_hash, cost_msat)
     select gen_random_uuid(), 'BENCH', decode(repeat('00', 32), 'hex'), '{}', decode(repeat('00', 32), 'hex'), 1000
     from generate_series(1, $1)`,
    [posts * (COMMENTS + 1)],
  );
  await pool.query(
    `with numbered as (select id, row_number() over () as n from actions where type = 'BENCH')
     insert into items (action_id, title, text, cost_msat, state, paid_at, boost_msat, territories)
     select id, 'Post number ' || n, repeat('Some words of a text. ', 20), 1000, 'PAID', now() - n * interval '1 s', (n % 1000) * 1000,
       case when n % 10 = 0 then '{valley}' when n % 3 = 0 then '{plain,hill}' else '{}' end::text[]
     from numbered where n <= $1`,
    [posts],
  );
  for (let level = 0; level < COMMENTS; level += 1) {
    // Without it the planner takes the tables for empty, and compares each row with each.
    await pool.query('analyze actions, items');
    await pool.query(
      `with numbered as (
         select id, row_number() over () as n from actions a where type = 'BENCH'
           and not exists (select from items where action_id = a.id)),
       above as (
         select id, path, row_number() over () as n from items i where case when $2 then parent_id is null and title like 'Post number%'
           else parent_id is not null and cardinality(path) = 1 and not exists (select from items c where c.parent_id = i.id) end)
       insert into items (action_id, kind, title, text, cost_msat, state, paid_at, parent_id, path)
       select b.id, 'comment', null, repeat('Words of a comment. ', 10), 1000, 'PAID', now(), a.id, a.path || a.id
       from above a join numbered b on b.n = a.n where a.n <= $1`,
      [posts, level % 2 === 0],
    );
  }
  await pool.query('analyze items');
}

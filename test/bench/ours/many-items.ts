import type { Pool, PoolClient } from 'pg';

const POSTS = 20_000;
/** Of each post, in two levels. */
const COMMENTS = 4;

/**
 * Paid items, as if they had been posted one after the other: so many posts, 20,000 if nothing is said, each with four comments. Where
 * another part has filled them in, those. The id of a post with a tree.
 */
export async function fillItems(pool: Pool, posts = POSTS): Promise<string> {
  const { rowCount } = await pool.query(`select from actions where type = 'BENCH' limit 1`);
  if (rowCount === 0) await inOneTransaction(pool, (client) => fill(client, posts));
  const { rows } = await pool.query<{ id: bigint }>(
    `select parent_id as id from items where cardinality(path) = 1 group by parent_id order by count(*) desc limit 1`,
  );
  return String(rows[0]?.id);
}

async function inOneTransaction(
  pool: Pool,
  work: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin; set local statement_timeout = 0');
    await work(client);
    await client.query('commit');
  } finally {
    client.release();
  }
}

async function fill(client: PoolClient, posts: number): Promise<void> {
  await client.query(
    `create temporary table numbered on commit drop as
     select gen_random_uuid() as action_id, n % $1 + 1 as post, n / $1 as level
     from generate_series(0, $1 * ($2 + 1) - 1) n`,
    [posts, COMMENTS],
  );
  await client.query(
    `insert into actions (id, type, capability_hash, args, request_hash, cost_msat)
     select action_id, 'BENCH', decode(repeat('00', 32), 'hex'), '{}', decode(repeat('00', 32), 'hex'), 1000
     from numbered`,
  );
  await client.query('analyze actions; analyze numbered');
  await client.query(
    `insert into items (action_id, title, text, cost_msat, state, paid_at, boost_msat, territories)
     select action_id, 'Post number ' || post, repeat('Some words of a text. ', 20), 1000, 'PAID',
       now() - post * interval '1 s', (post % 1000) * 1000,
       case when post % 10 = 0 then '{valley}' when post % 3 = 0 then '{plain,hill}' else '{}' end::text[]
     from numbered where level = 0`,
  );
  for (let level = 1; level <= COMMENTS; level += 1) {
    // Levels 1 and 3 answer the post; 2 and 4 answer the comment before them.
    await client.query('analyze items');
    await client.query(
      `insert into items (action_id, kind, title, text, cost_msat, state, paid_at, parent_id, path)
       select n.action_id, 'comment', null, repeat('Words of a comment. ', 10), 1000, 'PAID', now(), i.id, i.path || i.id
       from numbered n
       join numbered above on above.post = n.post and above.level = case when $1 % 2 = 0 then $1 - 1 else 0 end
       join items i on i.action_id = above.action_id
       where n.level = $1`,
      [level],
    );
  }
  await client.query('analyze items');
}

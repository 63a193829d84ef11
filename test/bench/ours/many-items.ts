import type { Pool } from 'pg';

const POSTS = 20_000;
/** Posts by one statement: each stays within the time limit of a connection. */
const PIECE = 2_000;

/** 100,000 paid items, as if they had been posted one after the other: each post has two comments, and each of those one. The id of a post. */
export async function fillItems(pool: Pool): Promise<string> {
  let post = '';
  for (let from = 0; from < POSTS; from += PIECE) {
    const posts = await insertPosts(pool, from);
    const direct = [...(await insertReplies(pool, posts)), ...(await insertReplies(pool, posts))];
    await insertReplies(pool, direct);
    post = String(posts[0]);
  }
  await pool.query('analyze items');
  return post;
}

/** SQL: actions for so many items, numbered from 1. */
const ACTIONS = `
  inserted as (
    insert into actions (id, type, capability_hash, args, request_hash, cost_msat)
    select gen_random_uuid(), 'BENCH', decode(repeat('00', 32), 'hex'), '{}', decode(repeat('00', 32), 'hex'), 1000
    from generate_series(1, $1::integer)
    returning id),
  numbered as (select id, row_number() over () as n from inserted)`;

async function insertPosts(pool: Pool, from: number): Promise<readonly bigint[]> {
  const { rows } = await pool.query<{ id: bigint }>(
    `with ${ACTIONS}
     insert into items (action_id, title, text, cost_msat, state, paid_at, boost_msat, territories)
     select id, 'Post number ' || m, repeat('Some words of a text. ', 20), 1000, 'PAID', now() - m * interval '1 s', (m % 1000) * 1000,
       case when m % 10 = 0 then '{valley}' when m % 3 = 0 then '{plain,hill}' else '{}' end::text[]
     from (select id, n + $2::integer as m from numbered) posts
     returning id`,
    [PIECE, from],
  );
  return rows.map(({ id }) => id);
}

/** A comment below each of these. */
async function insertReplies(pool: Pool, above: readonly bigint[]): Promise<readonly bigint[]> {
  const { rows } = await pool.query<{ id: bigint }>(
    `with ${ACTIONS},
     above as (
       select i.id, i.path, a.n from unnest($2::bigint[]) with ordinality as a(id, n) join items i on i.id = a.id)
     insert into items (action_id, kind, title, text, cost_msat, state, paid_at, parent_id, path)
     select b.id, 'comment', null, repeat('Words of a comment. ', 10), 1000, 'PAID', now(), a.id, a.path || a.id
     from above a join numbered b on b.n = a.n
     returning id`,
    [above.length, above],
  );
  return rows.map(({ id }) => id);
}

import type { Pool } from 'pg';

const PIECE = 100_000;

/** Actions that are paid, each with its attempt, its invoice and its transitions, as if they had been one after the other. */
export async function fillFinished(pool: Pool, count: number): Promise<void> {
  for (let done = 0; done < count; done += PIECE) await fillPiece(pool, done);
  await pool.query('analyze actions, attempts, transitions, payment_hashes, invoices');
}

async function fillPiece(pool: Pool, from: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    // Rules between tables hold for these rows, and take most of the time.
    await client.query('set local session_replication_role = replica');
    await client.query(
      `create temporary table filled on commit drop as
       select gen_random_uuid() as id, n, encode(sha256(('filled ' || n)::bytea), 'hex') as hash,
         now() - n * interval '1 second' as at from generate_series($1::int + 1, $1::int + $2::int) n`,
      [from, PIECE],
    );
    await client.query(
      `insert into actions (id, type, capability_hash, args, request_hash, cost_msat, created_at)
       select id, 'DONATE', sha256('filled'), '{"sats":1}', sha256('filled'), 1000, at from filled`,
    );
    await client.query(
      `insert into attempts (action_id, attempt, flow, state, cost_msat, performed, opened_at, changed_at)
       select id, 1, 'optimistic', 'PAID', 1000, true, at, at from filled`,
    );
    await client.query(
      `insert into payment_hashes (hash, payable) select hash, payable_of(id, 1, null) from filled`,
    );
    await client.query(
      `insert into invoices (hash, action_id, attempt, kind, amount_msat, expiry_seconds, memo, state, received_msat, bolt11,
         expires_at, created_at)
       select hash, id, 1, 'ordinary', 1000, 600, 'DONATE', 'settled', 1000, 'lnfilled' || n, at + interval '10 min', at from filled`,
    );
    await client.query(
      `insert into transitions (machine, subject, event, from_state, to_state, at)
       select 'attempt', id || '/1', 'settled', 'PENDING', 'PAID', at from filled`,
    );
    await client.query('commit');
  } finally {
    client.release();
  }
}

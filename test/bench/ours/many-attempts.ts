import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { QuittanceClient } from '@quittance/sdk';
import type { Bench } from '../bench.js';
import { get } from '../http.js';
import type { Values } from '../part.js';
import { residentMb } from './resident.js';

const POSTS = 50;
const ATTEMPTS = 200;
const READS = 20;

/** An account whose posts have failed again and again; its token. */
async function fillAttempts(pool: Pool, name: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    await client.query(
      `create temporary table posts on commit drop as
       select gen_random_uuid() as id, a.id as actor, n from accounts a, generate_series(1, $2) n where a.name = $1`,
      [name, POSTS],
    );
    await client.query(
      `insert into actions (id, type, actor, args, args_version, request_hash, cost_msat)
       select id, 'ITEM_CREATE', actor, jsonb_build_object('kind', 'discussion', 'title', 'Post ' || n, 'text', repeat('x', 10000)), 2,
         sha256('bench'), 1000 from posts`,
    );
    await client.query(
      `insert into attempts (action_id, attempt, payer, flow, state, reason, cost_msat, performed)
       select id, n.attempt, actor, 'optimistic', 'FAILED', 'INVOICE_EXPIRED', 1000, true
       from posts cross join generate_series(1, $1) n(attempt)`,
      [ATTEMPTS],
    );
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** What a page of 50 posts with 200 attempts each, and one of them, take of the API. */
export class ManyAttempts {
  private constructor(
    private readonly bench: Bench,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  static async create(bench: Bench): Promise<ManyAttempts> {
    const { apiUrl, operatorToken, pool } = bench.parts;
    const operator = new QuittanceClient({ baseUrl: apiUrl, token: operatorToken });
    const name = `bench-${randomUUID().slice(0, 18)}`;
    const { token } = await operator.openAccount({ name });
    await fillAttempts(pool, name);
    return new ManyAttempts(bench, { authorization: `Bearer ${token ?? ''}` });
  }

  async measure(): Promise<Values> {
    const { apiUrl, processes } = this.bench.parts;
    const url = new URL(`/v1/actions?limit=${POSTS}`, apiUrl);
    const { pid } = processes.api;
    const before = pid === undefined ? 0 : await residentMb(pid);
    const startedAt = performance.now();
    let page = '';
    for (let n = 0; n < READS; n += 1) page = await get(url, this.headers);
    const ms = (performance.now() - startedAt) / READS;
    const after = pid === undefined ? 0 : await residentMb(pid);
    return {
      'actions.attempts.page': ms,
      'actions.attempts.size': Buffer.byteLength(page) / 1_000_000,
      'actions.attempts.growth': Math.max(0, after - before),
    };
  }
}

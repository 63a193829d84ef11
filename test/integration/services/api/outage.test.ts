import type { Pool } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPool } from '../../../../db/pool.js';
import { buildApi } from '../../../../services/api/server.js';
import {
  type Answered,
  ApiTester,
  type Asked,
  askApp,
  NEW_POST,
  problemIn,
} from './tester.helper.js';

const ROUTES: readonly Asked[] = [
  { method: 'GET', url: '/v1/accounts/me' },
  { method: 'POST', url: '/v1/accounts', body: { name: 'new' } },
  { method: 'POST', url: '/v1/actions', body: NEW_POST },
  { method: 'GET', url: '/v1/items' },
  { method: 'GET', url: '/v1/operator/stuck' },
];

let tester: ApiTester;
const lines: string[] = [];

beforeAll(async () => {
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  tester = await ApiTester.start({ logger });
});
afterAll(() => tester.close());

/** The same API on another pool; every route is called with and without a token. */
async function askWith(pool: Pool, logged: string[] = []) {
  const logger = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const engine = { ...tester.api.engine, pool };
  const app = buildApi({ engine, reads: pool, logger, opsRoutes: {} });
  const answers: Answered[] = [];
  for (const asked of ROUTES) {
    answers.push(await askApp(app, { ...asked, headers: tester.operator }));
  }
  await app.close();
  return answers;
}

const poolOf = (connectionString: string): Pool =>
  createPool({ connectionString, max: 2, applicationName: 'outage', onError: () => undefined });

describe('while PostgreSQL is away', () => {
  it('every request is answered 503 with Retry-After, without the reason', async () => {
    const pool = poolOf('postgres://nobody@127.0.0.1:1/nothing');
    for (const answer of await askWith(pool)) {
      expect(problemIn(answer).code).toBe('service.unavailable');
      expect(answer.headers['retry-after']).toBe('2');
      expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
    }
    await pool.end();
  });

  it('a query that was cut off is answered 503 too', async () => {
    const pool = poolOf(tester.api.databaseUrl);
    await pool.query('select 1');
    const admin = tester.api.pool;
    const cutOff = async (): Promise<void> => {
      const client = await pool.connect();
      client.on('error', () => undefined);
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const waiting = client.query('select pg_sleep(60)').finally(() => client.release(true));
      await Promise.all([waiting, admin.query('select pg_terminate_backend($1)', [rows[0]?.pid])]);
    };
    Object.assign(pool, { query: cutOff });
    for (const answer of await askWith(pool)) {
      expect(problemIn(answer).code).toBe('service.unavailable');
    }
    await pool.end();
  });
});

describe('an internal error', () => {
  it('is answered 500 without the reason, which is logged', async () => {
    const pool = poolOf(tester.api.databaseUrl);
    vi.spyOn(pool, 'query').mockRejectedValue(new Error('the secret reason'));
    const logged: string[] = [];
    for (const answer of await askWith(pool, logged)) {
      const problem = problemIn(answer);
      expect(problem.code).toBe('service.failed');
      expect(answer.text).not.toContain('secret reason');
      const line = logged.find(
        (text) => text.includes('the secret reason') && text.includes(problem.instance),
      );
      expect(line).toBeDefined();
    }
    vi.restoreAllMocks();
    await pool.end();
  });
});

describe('the log', () => {
  it('has a line per answer, with ids and without secrets', async () => {
    lines.length = 0;
    const action = await tester.open({
      'quittance-client-secret': 'a-secret-of-the-client',
      'idempotency-key': 'k',
    });
    const headers = { 'quittance-capability': action.capability ?? '' };
    await tester.get(`/v1/actions/${action.id}`, headers);
    await tester.get('/v1/items?cursor=looked-at', tester.operator);
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const answered = entries.filter(({ msg }) => msg === 'answered');
    expect(answered).toMatchObject([
      { method: 'POST', route: '/v1/actions', status: 201, actionId: action.id },
      { method: 'GET', route: '/v1/actions/:id', status: 200, actionId: action.id },
      { method: 'GET', route: '/v1/items', status: 400 },
    ]);
    for (const entry of answered) expect(entry['requestId']).toMatch(/^[0-9a-f-]{36}$/);
    const text = lines.join('\n');
    for (const secret of [
      action.capability ?? '',
      tester.api.operatorToken,
      'a-secret-of',
      'looked-at',
    ]) {
      expect(text).not.toContain(secret);
    }
  });
});

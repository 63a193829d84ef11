import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROMPT } from '../../../../db/pool-limits.js';
import { createPool } from '../../../../db/pool.js';
import { inTransaction } from '../../../../db/transaction.js';
import { buildApi } from '../../../../services/api/server.js';
import { brokenRules } from '../../../support/books.js';
import { createLatch } from '../../../support/latch.js';
import { stopBackends } from '../../../support/stopped-backends.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  type Answered,
  ApiTester,
  askApp,
  type Headers,
  NEW_POST,
  problemIn,
} from './tester.helper.js';

const CONNECTIONS = 10;
/** What a caller may have to wait for the news that the database is at fault. */
const BOUND_MS = 15_000;
/** Far less than that: these meet no fault. */
const NORMAL_MS = 2_000;

let tester: ApiTester;
let app: FastifyInstance;
let pools: { readonly payments: Pool; readonly reads: Pool };

beforeAll(async () => {
  tester = await ApiTester.start();
});

beforeEach(() => {
  const poolOf = (applicationName: string): Pool =>
    createPool({
      connectionString: tester.api.databaseUrl,
      max: CONNECTIONS,
      applicationName,
      onError: () => undefined,
      limits: PROMPT,
    });
  pools = { payments: poolOf('held-payments'), reads: poolOf('held-reads') };
  app = buildApi({
    engine: { ...tester.api.engine, pool: pools.payments },
    reads: pools.reads,
    logger: pino({ level: 'silent' }),
    opsRoutes: {},
    tokenCacheMs: 0,
  });
});

afterEach(async () => {
  await app.close();
  await Promise.all([pools.payments.end(), pools.reads.end()]);
  expect(await brokenRules(tester.api.pool)).toEqual([]);
});

afterAll(() => tester.close());

const post = (headers: Headers): Promise<Answered> =>
  askApp(app, { method: 'POST', url: '/v1/actions', body: NEW_POST, headers });
const get = (url: string, headers: Headers = {}): Promise<Answered> =>
  askApp(app, { method: 'GET', url, headers });

interface Timed {
  readonly answer: Answered;
  readonly ms: number;
}

async function timed(asked: Promise<Answered>): Promise<Timed> {
  const from = performance.now();
  const answer = await asked;
  return { answer, ms: performance.now() - from };
}

function expectUnavailable({ answer, ms }: Timed): void {
  expect(problemIn(answer).code, answer.text).toBe('service.unavailable');
  expect(answer.headers['retry-after']).toBe('2');
  expect(ms).toBeLessThan(BOUND_MS);
}

function expectNormal({ answer, ms }: Timed, status: number): void {
  expect(answer.status, answer.text).toBe(status);
  expect(ms).toBeLessThan(NORMAL_MS);
}

/** Opens all connections of a pool. */
const fill = (pool: Pool): Promise<unknown> =>
  Promise.all(Array.from({ length: CONNECTIONS }, () => pool.query('select pg_sleep(0.1)')));

describe('ten server processes that stop', () => {
  it('fail the requests that have them, in bounded time; reads and later requests are answered', async () => {
    const account = await tester.account(1_000_000n);
    await fill(pools.payments);
    const stopped = await stopBackends(tester.api.pool, 'held-payments');
    try {
      expect(stopped.count).toBe(CONNECTIONS);
      const failing = Array.from({ length: CONNECTIONS }, () => timed(post(account)));
      await waitUntil('all connections are in use', () => pools.payments.idleCount === 0);
      expectNormal(await timed(get('/v1/accounts/me', account)), 200);
      for (const one of await Promise.all(failing)) expectUnavailable(one);
      // Still stopped: the pool has opened other connections.
      expectNormal(await timed(post(account)), 201);
    } finally {
      stopped.continue();
    }
    expectNormal(await timed(post(account)), 201);
  });

  it('fail reads in bounded time, and writes are answered', async () => {
    const account = await tester.account(1_000_000n);
    await fill(pools.reads);
    const stopped = await stopBackends(tester.api.pool, 'held-reads');
    const paths = ['/v1/accounts/me', '/v1/actions', '/v1/items', '/v1/items?author=me'];
    try {
      const reads = paths.map((path) => timed(get(path, account)));
      const peers = ['/message/1', '/api/v0/addresses/nobody/balance'].map((path) => get(path));
      expectNormal(await timed(post(account)), 201);
      for (const one of await Promise.all(reads)) expectUnavailable(one);
      for (const { status, headers } of await Promise.all(peers)) {
        expect(status).toBe(503);
        expect(headers['retry-after']).toBe('2');
      }
    } finally {
      stopped.continue();
    }
    for (const path of paths) {
      await waitUntil('it is answered', async () => (await get(path, account)).status === 200);
    }
  });
});

describe('the lock of an account that somebody holds', () => {
  it('fails the requests that need it, in bounded time; other accounts and reads are answered', async () => {
    const [held, other] = [await tester.account(1_000_000n), await tester.account(1_000_000n)];
    const { open: release, opened: released } = createLatch();
    const locked = createLatch();
    const holder = inTransaction(tester.api.pool, async (tx) => {
      const { answer } = await timed(get('/v1/accounts/me', held));
      const { id } = answer.json as { id: string };
      await tx.query('select from credit_accounts where address = $1 for update', [id]);
      await tx.query('select from accounts where id = $1 for update', [id]);
      locked.open();
      await released;
    });
    try {
      await locked.opened;
      const failing = Array.from({ length: CONNECTIONS / 2 }, () => timed(post(held)));
      for (const one of [1, 2, 3]) {
        expectNormal(await timed(post(other)), 201);
        expectNormal(await timed(get('/v1/accounts/me', one === 2 ? other : held)), 200);
      }
      for (const one of await Promise.all(failing)) expectUnavailable(one);
    } finally {
      release();
      await holder;
    }
    expectNormal(await timed(post(held)), 201);
  });

  it('fails requests beyond all connections in bounded time too', async () => {
    const held = await tester.account(1_000_000n);
    const { open: release, opened: released } = createLatch();
    const locked = createLatch();
    const holder = inTransaction(tester.api.pool, async (tx) => {
      await tx.query('lock table credit_accounts in share row exclusive mode');
      locked.open();
      await released;
    });
    try {
      await locked.opened;
      const failing = Array.from({ length: 6 * CONNECTIONS }, () => timed(post(held)));
      await waitUntil('requests wait', () => pools.payments.waitingCount > 0);
      expectNormal(await timed(get('/v1/accounts/me', held)), 200);
      for (const one of await Promise.all(failing)) expectUnavailable(one);
    } finally {
      release();
      await holder;
    }
    expectNormal(await timed(post(held)), 201);
  });
});

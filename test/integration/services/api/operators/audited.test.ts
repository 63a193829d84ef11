import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findAccount } from '../../../../../engine/accounts/accounts.js';
import { issueToken } from '../../../../../engine/accounts/tokens.js';
import { readAudit } from '../../../../../engine/audit.js';
import { inTransaction } from '../../../../../db/transaction.js';
import { AUDITED } from '../../../../../services/api/satellite/audited.js';
import { routesOf } from '../../../../../services/api/satellite/routes.js';
import { EventFeed } from '../../../../../services/api/satellite/event-feed.js';
import { EventStreams } from '../../../../../services/api/satellite/subscribe.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { ROUTES } from '../every-route.helper.js';
import { OPEN, type Satellite, satelliteApi } from '../satellite/harness.helper.js';
import { type Asked, ApiTester } from '../tester.helper.js';

/** Reads for operators that hold states and numbers, and nothing of anybody. A new one has to be named here. */
const NOTHING_PRIVATE = [
  'GET /v1/incidents',
  'GET /v1/incidents/:id',
  'GET /v1/operator/outbox',
  'GET /v1/operator/stuck',
  'GET /v1/operator/transitions/:machine/:subject',
  'GET /v1/operator/transmissions',
  'GET /v1/stores',
  'GET /v1/stores/:store',
  'GET /v1/stores/:store/thresholds',
];
/** Reads for everybody that show operators more than others. */
const MORE_FOR_OPERATORS = [
  'GET /v1/actions/:id',
  'GET /v1/credits/:ledger/addresses',
  'GET /v1/credits/:ledger/addresses/:address',
  'GET /v1/credits/:ledger/addresses/:address/history',
  'GET /v1/credits/:ledger/addresses/:address/summary',
  'GET /v1/transmissions',
  'GET /v1/transmissions/:id',
];

const document = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ 'x-access': z.string().optional() })),
  ),
});

interface Route {
  /** As the audit has it. */
  readonly act: string;
  readonly access: string;
  readonly asked: Asked;
}

describe('every route of /v1', () => {
  let tester: ApiTester;
  let routes: Route[];

  beforeAll(async () => {
    tester = await ApiTester.start();
    await tester.account(0n, 'user');
    const { paths } = document.parse((await tester.get('/openapi.json')).json);
    routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([name, { 'x-access': access }]) => {
        // The peers' routes and the deliveries of stores are for no operator; those of the guard are below.
        if (access === undefined) return [];
        // Streams of what their callers may see anyway; they do not end.
        if (path.endsWith('/events')) return [];
        const method = name.toUpperCase();
        const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
        const asked = ROUTES.find(
          (one) => one.method === method && pattern.test(one.url.split('?')[0] ?? ''),
        );
        if (asked === undefined) throw new Error(`${method} ${path} has no request`);
        return [{ act: `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, access, asked }];
      }),
    );
  });
  afterAll(() => tester.close());

  function isAudited({ act, access }: Route): boolean {
    if (!act.startsWith('GET ')) return true;
    const forOperators = !['anyone', 'token', 'account'].includes(access);
    return forOperators ? !NOTHING_PRIVATE.includes(act) : MORE_FOR_OPERATORS.includes(act);
  }

  it('leaves a row in the audit when an operator calls it, and a second one that tells the answer of a change', async () => {
    expect(routes.length).toBeGreaterThan(90);
    const { pool } = tester.api;
    for (const route of routes) {
      const { act, asked } = route;
      // Some of them end the token that is used.
      const authorization = `Bearer ${await inTransaction(pool, async (tx) =>
        issueToken(tx, (await findAccount(tx, 'operator')).id, 'test'),
      )}`;
      const [before] = await readAudit(pool, { limit: 1 });
      const { status, text } = await tester.ask({ ...asked, headers: { authorization } });
      expect([401, 403], `${act}: ${text}`).not.toContain(status);
      const isChange = !act.startsWith('GET ');
      const rows = await waitUntil(`the audit of ${act}`, async () => {
        const found = (await readAudit(pool, { limit: 5 })).filter(
          ({ id }) => id > (before?.id ?? 0n),
        );
        return (!isChange || found.length > 1) && found;
      });
      const [first, second] = rows.reverse();
      if (!isAudited(route)) {
        expect(rows, act).toEqual([]);
        continue;
      }
      expect(first, `${act}: ${text}`).toMatchObject({
        ...{ act, actor: 'operator', role: 'operator', via: 'http', address: '127.0.0.1' },
        token: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      });
      if (isChange) {
        expect(second).toMatchObject({ act: 'answered', detail: { status, of: `${first?.id}` } });
      }
    }
  });
});

describe('every guarded route of the Satellite API', () => {
  const token = 'a-token-of-thirty-two-characters!';
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi({
      satellite: { ...OPEN, guard: { open: false, token, certificateHeader: 'x-client-verify' } },
      isTrustedProxy: (address) => address === '127.0.0.1',
    });
  });
  afterAll(() => api.close());

  const newest = async (): Promise<Awaited<ReturnType<typeof readAudit>>> =>
    readAudit(api.fixture.pool, { limit: 5 });

  it('is audited, or one of those of stations', () => {
    const { engine, pool: reads } = api.fixture;
    const streams = new EventStreams(new EventFeed(), engine.transmissions.channels);
    const guarded = routesOf({ engine, reads, satellite: OPEN }, streams)
      .filter(({ guarded: only }) => only)
      .flatMap(({ url, handlers }) => Object.keys(handlers).map((method) => `${method} ${url}`));
    expect(Object.keys(AUDITED).sort()).toEqual(guarded.sort());
  });

  it.each(Object.entries(AUDITED))('%s leaves a row: %s', async (act, isAudited) => {
    const [method = '', path = ''] = act.split(' ');
    // Streams do not end by themselves.
    if (path.includes('subscribe')) return;
    const before = await newest();
    const url = path.replace(':uuid', '00000000-0000-4000-8000-000000000000').replace(/:\w+/, '1');
    const asked = { method: method as 'GET' | 'POST' | 'DELETE', url };
    await api.app.inject(asked);
    expect(await newest(), 'who is not let in').toEqual(before);
    const headers = { authorization: `Bearer ${token}` };
    const { statusCode: status } = await api.app.inject({ ...asked, headers });
    if (!isAudited) {
      expect(await newest()).toEqual(before);
      return;
    }
    const added = method === 'GET' ? 1 : 2;
    const rows = await waitUntil('its rows', async () => {
      const all = await newest();
      return (
        all.length >= Math.min(5, before.length + added) && all[0]?.id !== before[0]?.id && all
      );
    });
    const first = rows[added - 1];
    expect(first).toMatchObject({
      ...{ act, actor: 'the token of stations', role: 'satellite administrator', via: 'http' },
    });
    if (added === 2) {
      expect(rows[0]).toMatchObject({ act: 'answered', detail: { status, of: `${first?.id}` } });
    }
  });

  it('says by what somebody was let in, and on which channel', async () => {
    const payload = new URLSearchParams({ message: 'x', channel: '3' }).toString();
    const headers = {
      ...{ 'x-client-verify': 'SUCCESS', 'content-type': 'application/x-www-form-urlencoded' },
    };
    const answer = await api.app.inject({ method: 'POST', url: '/admin/order', headers, payload });
    expect(answer.statusCode).toBe(200);
    await waitUntil('it is answered', async () => (await newest())[0]?.act === 'answered');
    const [, first] = await newest();
    expect(first).toMatchObject({ actor: 'a client certificate', detail: { channel: '3' } });
  });

  it('what cannot be audited is not done', async () => {
    const { pool } = api.fixture;
    await pool.query('alter table audit_log rename to away');
    try {
      const headers = {
        ...{ authorization: `Bearer ${token}` },
        'content-type': 'application/x-www-form-urlencoded',
      };
      const orders = 'select count(*)::int as n from orders';
      const before = await pool.query(orders);
      const payload = 'message=x&channel=3';
      const answer = await api.app.inject({
        ...{ method: 'POST', url: '/admin/order' },
        ...{ headers, payload },
      });
      expect(answer.statusCode).toBe(500);
      expect((await pool.query(orders)).rows).toEqual(before.rows);
    } finally {
      await pool.query('alter table away rename to audit_log');
    }
  });
});

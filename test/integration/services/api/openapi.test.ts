import { Validator } from '@seriousme/openapi-schema-validator';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ACTION_ARGS } from '../../../../engine/actions/types/index.js';
import { REFUSALS } from '../../../../domain/refusal.js';
import { buildApi } from '../../../../services/api/server.js';
import { ApiTester } from './tester.helper.js';

const operation = z.object({
  summary: z.string().min(1),
  tags: z.array(z.string()).length(1),
  operationId: z.string().regex(/^[a-z][A-Za-z0-9]+$/),
  responses: z.record(
    z.string(),
    z.object({
      description: z.string().min(1),
      content: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
const schema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

/** Callers choose action ids only when they start workflows; operations on lots have no routes yet. */
const NOT_OVER_HTTP =
  /^(action\.id_taken$|auth\.cross_site$|payment\.not_forgotten$|credits\.|start\.)/;

let tester: ApiTester;
let text: string;
let document: z.output<typeof schema>;

beforeAll(async () => {
  tester = await ApiTester.start();
  ({ text } = await tester.get('/openapi.json'));
  document = schema.parse(JSON.parse(text));
});
afterAll(() => tester.close());

/** The routes that fastify lists, like `GET /v1/items/{id}`. */
function registered(): string[] {
  const listing = tester.api.app.printRoutes({ commonPrefix: false, includeHooks: false });
  const routes: string[] = [];
  const path: string[] = [];
  for (const line of listing.split('\n')) {
    const [, indent = '', rest = ''] = /^([│├└─ ]*)(.*)$/.exec(line) ?? [];
    const [, part = '', methods = ''] = /^(\S+)(?: \((.*)\))?$/.exec(rest) ?? [];
    path.splice(Math.max(0, indent.length / 4 - 1), path.length, part);
    for (const method of methods.split(', ').filter((name) => name !== '' && name !== 'HEAD')) {
      routes.push(`${method} ${path.join('').replaceAll(/:(\w+)/g, '{$1}')}`);
    }
  }
  return routes;
}

it('is not served where the setting says so', async () => {
  const { engine, pool: reads } = tester.api;
  const app = buildApi({
    engine,
    reads,
    logger: pino({ level: 'silent' }),
    opsRoutes: {},
    docs: false,
  });
  for (const url of ['/docs', '/docs/', '/openapi.json']) {
    expect((await app.inject({ method: 'GET', url })).statusCode, url).toBe(404);
  }
  expect((await app.inject({ method: 'GET', url: '/v1/items' })).statusCode).toBe(200);
  await app.close();
});

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const parsed = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    const { valid, errors } = await new Validator().validate(parsed);
    expect(valid, JSON.stringify(errors ?? [])).toBe(true);
  });

  it('has every route and no other', () => {
    const ours = registered().filter((route) => route.includes(' /v1/'));
    expect(ours.length).toBeGreaterThan(14);
    const peers = [
      'POST /order',
      'GET /order/{uuid}',
      'DELETE /order/{uuid}',
      'POST /order/{uuid}/bump',
      'GET /order/{uuid}/sent_message',
      'POST /order/tx/{seq}',
      'POST /order/rx/{seq}',
      'POST /callback/{lid}/{token}',
      'GET /info',
      'GET /queue.html',
      'GET /orders/{state}',
      'GET /message/{seq}',
      'POST /admin/order',
      'GET /admin/order/{uuid}',
      'DELETE /admin/order/{uuid}',
      'GET /admin/orders/{state}',
      'GET /admin/message/{seq}',
      'GET /api/v0/addresses/{address}/balance',
      'GET /api/v0/addresses/{address}/credit_history',
      'GET /api/v0/addresses/{address}/credit_history/summary',
      'GET /api/v0/credit_balances',
      'GET /api/v0/messages/{hash}/consumed_credits',
    ];
    for (const route of peers) expect(registered()).toContain(route);
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual([...ours, ...peers].sort());
  });

  it('describes every answer and problem with its media type', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      if (!path.startsWith('/v1/') || /\/webhooks|\/bytes$/.test(path)) continue;
      for (const [method, { responses }] of Object.entries(methods)) {
        expect(Object.keys(responses), `${method} ${path}`).toEqual(
          expect.arrayContaining(['200', '400', '401', '500', '503']),
        );
        for (const [status, { content = {} }] of Object.entries(responses)) {
          const type = Number(status) < 400 ? 'application/json' : 'application/problem+json';
          expect(Object.keys(content), `${method} ${path} ${status}`).toEqual([type]);
        }
      }
    }
  });

  it('names every problem code', () => {
    const codes = Object.keys(REFUSALS).filter((code) => !NOT_OVER_HTTP.test(code));
    const prose = text.replace(/"enum":\[[^\]]*\]/g, '');
    for (const code of codes) expect(prose).toContain(`\`${code}\``);
  });

  it('has the arguments of every action type, and no unused schema', () => {
    const names = Object.keys(document.components.schemas);
    for (const type of ACTION_ARGS.keys()) expect(names).toContain(`Args_of_${type}`);
    for (const name of names) expect(text).toContain(`"#/components/schemas/${name}"`);
  });

  it('has one operation id per route', () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids.length).toBeGreaterThan(110);
    expect(ids.filter((one, n) => ids.indexOf(one) !== n)).toEqual([]);
  });

  it('is shown at /docs', async () => {
    const page = await tester.get('/docs/');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    expect((await tester.get('/docs/static/swagger-ui-bundle.js')).status).toBe(200);
    expect((await tester.get('/docs/json')).text).toBe(text);
  });
});

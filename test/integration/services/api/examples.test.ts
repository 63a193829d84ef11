import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findAccount } from '../../../../engine/accounts/accounts.js';
import { issueToken } from '../../../../engine/accounts/tokens.js';
import { inTransaction } from '../../../../db/transaction.js';
import { NOWHERE } from './every-route.helper.js';
import { ApiTester, type Headers, type Method } from './tester.helper.js';

/** What "Try it out" at /docs sends: the documented example of a body, with nothing filled in but an id. */

let tester: ApiTester;
let routes: Example[];

interface Example {
  readonly method: Method;
  readonly path: string;
  readonly type: string;
  readonly example: unknown;
}

const bodied = z.object({
  requestBody: z
    .object({
      content: z.record(
        z.string(),
        z.object({
          schema: z.object({ examples: z.array(z.unknown()).optional() }),
          example: z.unknown().optional(),
        }),
      ),
    })
    .optional(),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), bodied)) });
const methodOf = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Bytes of a file or of a delivery: there is no text that would be one. */
const BYTES = ['/v1/uploads', '/v1/stores/{store}/webhooks'];

beforeAll(async () => {
  tester = await ApiTester.start();
  const { paths } = document.parse((await tester.get('/openapi.json')).json);
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([name, { requestBody }]) => {
      const method = methodOf.parse(name.toUpperCase());
      const changes = ['POST', 'PUT', 'PATCH'].includes(method);
      if (!changes || BYTES.some((one) => path.startsWith(one))) return [];
      const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? ['', undefined];
      const example = content?.example ?? content?.schema.examples?.[0];
      return [{ method, path, type, example }];
    }),
  );
});
afterAll(() => tester.close());

/** A token for each request: some of them end theirs. */
async function operator(): Promise<Headers> {
  const token = await inTransaction(tester.api.pool, async (tx) =>
    issueToken(tx, (await findAccount(tx, 'operator')).id, 'test'),
  );
  return { authorization: `Bearer ${token}` };
}

/** Their rows have numbers. */
const NUMBERED = /^\/v1\/(items|incidents|notices)\//;
function idFor(path: string): string {
  if (path.includes('/tokens/')) return '0'.repeat(16);
  return NUMBERED.test(path) ? '1' : NOWHERE;
}
const PARAMS: Readonly<Record<string, string>> = { name: 'nobody', store: 'shop', code: 'abcd' };
const urlOf = (path: string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? idFor(path));

describe('the example of a body', () => {
  it('is there for every route that takes one', () => {
    expect(routes.length).toBeGreaterThan(60);
    const without = routes.filter(({ example, type }) => type !== '' && example === undefined);
    expect(without.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it.each(['/v1/actions', '/v1/transmissions', '/v1/start-tokens', '/v1/sign-up'])(
    'of POST %s succeeds for whoever has no token',
    async (path) => {
      const found = routes.find((one) => one.path === path && one.method === 'POST');
      const { status, text } = await tester.post(path, found?.example);
      expect(status, text).toBe(201);
    },
  );

  it('is taken as it is: what is refused is never its form', async () => {
    const refused: string[] = [];
    for (const { method, path, example } of routes.filter((one) => one.path.startsWith('/v1/'))) {
      const body = example === undefined ? {} : { body: example };
      const asked = { method, url: urlOf(path), headers: await operator(), ...body };
      const { status, text } = await tester.ask(asked);
      const about = `${method} ${path} ${JSON.stringify(example)}: ${text}`;
      const isForm = /"code":"request\.(invalid|malformed)"/.test(text);
      if (isForm || [401, 413, 415, 422, 500, 503].includes(status)) refused.push(about);
    }
    expect(refused).toEqual([]);
  });

  it('of PUT /v1/wallets and POST /v1/withdrawals is taken for an account with sats', async () => {
    const exampleOf = (path: string): unknown => routes.find((one) => one.path === path)?.example;
    const user = await tester.account(0n, 'somebody');
    const wallet = await tester.ask({
      ...{ method: 'PUT', url: '/v1/wallets', headers: user },
      body: exampleOf('/v1/wallets'),
    });
    expect(wallet.status, wallet.text).toBe(200);
    const grant = { amountMsat: '1000000', reason: 'a test', asset: 'SATS' };
    const granted = await tester.post('/v1/accounts/somebody/credits', grant, tester.operator);
    expect(granted.status, granted.text).toBeLessThan(300);
    const { status, text } = await tester.post(
      '/v1/withdrawals',
      exampleOf('/v1/withdrawals'),
      user,
    );
    expect([202, 409], text).toContain(status);
  });

  it('of POST /order is taken as a form', async () => {
    const found = routes.find((one) => one.path === '/order');
    const form = z.record(z.string(), z.string()).parse(found?.example);
    const response = await fetch(`${tester.api.url}/order`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    expect(response.status, await response.text()).toBe(200);
  });
});

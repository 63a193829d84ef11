import { readFileSync } from 'node:fs';
import type * as Https from 'node:https';
import { createServer, type RequestOptions, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { getPublic, publicLookup } from '../../../../../adapters/lightning/wallets/public-https.js';

const file = (name: string): Buffer =>
  readFileSync(new URL(`../../../../support/tls/${name}`, import.meta.url));

/** Requests go to this machine, whatever the name's address is: what is checked of it, is tested by itself. */
vi.mock('node:https', async (original) => {
  const https = await original<typeof Https>();
  const request = (url: URL, options: RequestOptions, answered: never): unknown =>
    https.request(url, { ...options, ca: file('localhost.pem'), lookup: undefined }, answered);
  return { ...https, request };
});

let server: Server;
let base: string;
const asked: string[] = [];

beforeAll(async () => {
  const tls = { cert: file('localhost.pem'), key: file('localhost.key') };
  server = createServer(tls, (request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/moved') response.writeHead(302, { location: '/there' }).end();
    else response.end('x'.repeat(Number(request.url?.slice(1))));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  base = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const get = (url: string): Promise<string> => getPublic(new URL(url), AbortSignal.timeout(5_000));

test.each([
  ...['http://example.org/', 'https://127.0.0.1/', 'https://10.0.0.1/', 'https://2130706433/'],
  ...['https://[::1]/', 'https://[::ffff:7f00:1]/', 'ftp://example.org/'],
])('%s is not asked', async (url) => {
  await expect(get(url)).rejects.toThrow('only https and names are asked');
});

test('a name of this machine is not public, however it is asked for', async () => {
  const look = (all: boolean): Promise<unknown> =>
    new Promise((resolve) => publicLookup('localhost', { all }, (error) => resolve(error)));
  expect(await look(true)).toMatchObject({ message: 'localhost is not public' });
  expect(await look(false)).toMatchObject({ message: 'localhost is not public' });
});

test('a redirect is not followed', async () => {
  await expect(get(`${base}/moved`)).rejects.toThrow('status 302');
  expect(asked).not.toContain('/there');
});

test('64 KiB are read, and not more', async () => {
  expect(await get(`${base}/65536`)).toHaveLength(65_536);
  await expect(get(`${base}/65537`)).rejects.toThrow('more than 65536 bytes');
});

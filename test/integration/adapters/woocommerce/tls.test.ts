import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CERTIFICATE = fileURLToPath(new URL('../../../support/tls/localhost.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../../../support/tls/localhost.key', import.meta.url));
const CLIENT = new URL(
  '../../../../dist/adapters/woocommerce/client/store-client.js',
  import.meta.url,
).href;

let url: string;
const authorizations: (string | undefined)[] = [];
const server = createServer(
  { key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) },
  ({ headers }, response) => {
    authorizations.push(headers.authorization);
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  },
);
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `https://localhost:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** The answer of the store to a process of its own: certificates are read once, when it starts. */
async function webhooks(env: Readonly<Record<string, string>>): Promise<unknown> {
  const code = `const { StoreClient } = await import('${CLIENT}');
    const client = new StoreClient({ url: '${url}', key: 'ck_1', secret: 'cs_1', timeoutMs: 5000 });
    console.log(JSON.stringify(await client.webhooks()));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', code],
    { env: { PATH: process.env['PATH'] ?? '', ...env } },
  );
  return JSON.parse(stdout);
}

test('a store whose certificate nobody vouches for gets no credentials', async () => {
  expect(await webhooks({})).toMatchObject({ kind: 'unavailable' });
  expect(authorizations).toEqual([]);
});

test('the certificates of NODE_EXTRA_CA_CERTS are trusted', async () => {
  expect(await webhooks({ NODE_EXTRA_CA_CERTS: CERTIFICATE })).toEqual({ kind: 'ok', value: [] });
  expect(authorizations).toEqual([`Basic ${Buffer.from('ck_1:cs_1').toString('base64')}`]);
});

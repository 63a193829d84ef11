import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chargeCall } from '../../../../adapters/lightning/charge/charge-call.js';
import { LightningError } from '../../../../adapters/lightning/error.js';

describe('a call to Lightning Charge', () => {
  let server: Server;
  let root: string;
  const sockets = new Set<unknown>();
  const asked: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      sockets.add(request.socket);
      asked.push(request.headers.authorization);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        if (request.url === '/root/echo') response.writeHead(201).end(body);
        else if (request.url === '/root/moved') {
          response.writeHead(302, { location: '/root/echo' }).end();
        } else if (request.url === '/root/long') response.end('x'.repeat(300_000));
        else if (request.url === '/root/cut') {
          response.writeHead(201, { 'content-length': '100' }).write('half');
          setTimeout(() => request.socket.destroy(), 20);
        } else if (request.url === '/root/gone') request.socket.destroy();
        // Others are never answered.
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    root = `http://api-token:s%40cret@127.0.0.1:${(server.address() as AddressInfo).port}/root/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const call = (path: string, body?: unknown, timeoutMs = 5_000) =>
    chargeCall({ root, timeoutMs }, 'POST', path, body);
  const failure = async (answer: Promise<unknown>): Promise<string> => {
    const error = await answer.catch((thrown: unknown) => thrown);
    if (!(error instanceof LightningError)) throw new Error('it did not fail so', { cause: error });
    return error.kind;
  };

  it('sends JSON with its credentials, over a connection that is used again', async () => {
    for (const text of ['é', 'two', 'three']) {
      expect(await call('/echo', { text })).toEqual({
        status: 201,
        body: JSON.stringify({ text }),
      });
    }
    const credentials = Buffer.from('api-token:s@cret').toString('base64');
    expect(new Set(asked)).toEqual(new Set([`Basic ${credentials}`]));
    expect(sockets.size).toBe(1);
  });

  it('follows nothing: whatever it answers is the answer', async () => {
    expect((await call('/moved', {})).status).toBe(302);
  });

  it.each([
    ['/gone', 5_000],
    ['/cut', 5_000],
    ['/long', 5_000],
    ['/silent', 50],
  ])('of %s nothing is known', async (path, timeoutMs) => {
    expect(await failure(call(path, {}, timeoutMs))).toBe('unknown');
  });

  it('was not made where nobody listens', async () => {
    const nowhere = { root: 'http://127.0.0.1:1', timeoutMs: 5_000 };
    expect(await failure(chargeCall(nowhere, 'GET', '/info'))).toBe('unavailable');
  });
});

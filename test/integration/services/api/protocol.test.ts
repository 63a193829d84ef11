import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemSchema } from '../../../../services/shared/problem.js';
import { waitUntil } from '../../../support/wait-until.js';
import { ApiTester, type Method, problemIn } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

/** The raw answer over a socket, for bytes that may not be HTTP. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(tester.api.url);
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('utf8')));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

function problemOfRaw(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toContain('Content-Type: application/problem+json');
  return problemSchema.parse(JSON.parse(body));
}

describe('addresses', () => {
  it('that do not exist are not found, with any method and body', async () => {
    const urls = [
      '/',
      '/v1',
      '/v1/',
      '/v1/nothing',
      '/v1/items/1/2',
      '/v2/items',
      '//',
      '/v1//items',
      '/V1/items',
    ];
    for (const url of urls) {
      for (const method of ['GET', 'POST', 'DELETE'] as const) {
        const headers = { 'content-type': 'text/strange' };
        await tester.refuses({ method, url, headers, body: '{' }, 'request.not_found');
      }
    }
  });

  it('refuse other methods and answer the allowed ones', async () => {
    const allowed: Readonly<Record<string, string>> = {
      '/v1/accounts': 'POST',
      '/v1/accounts/me': 'GET, HEAD',
      '/v1/accounts/alice/tokens': 'POST',
      '/v1/accounts/alice/tokens/revoke': 'POST',
      '/v1/accounts/alice/credits': 'POST',
      '/v1/actions': 'GET, HEAD, POST',
      '/v1/actions/1': 'GET, HEAD',
      '/v1/actions/1/cancel': 'POST',
      '/v1/actions/1/retry?x=1': 'POST',
      '/v1/items': 'GET, HEAD',
      '/v1/items/1': 'GET, HEAD',
      '/v1/operator/stuck': 'GET, HEAD',
      '/v1/operator/outbox': 'GET, HEAD',
      '/v1/operator/transitions/order/1': 'GET, HEAD',
      '/openapi.json': 'GET, HEAD',
    };
    const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
    for (const [url, allow] of Object.entries(allowed)) {
      for (const method of methods.filter((one) => !allow.includes(one))) {
        const answer = await tester.ask({ method, url });
        expect(problemIn(answer).code).toBe('request.method_not_allowed');
        expect(answer.headers['allow']).toBe(allow);
      }
    }
  });

  it('that cannot be decoded are refused', async () => {
    for (const url of ['/v1/%zz', '/v1/items/%', '/v1/actions/%c3%28']) {
      await tester.refuses({ method: 'GET', url }, 'request.malformed');
    }
  });

  it('with parts that are too long are refused', async () => {
    const url = `/v1/accounts/${'a'.repeat(5_000)}/tokens`;
    await tester.refuses(
      { method: 'POST', url, headers: tester.operator, body: {} },
      'request.invalid',
    );
  });
});

describe('the HTTP protocol', () => {
  it('bytes that are not HTTP are refused with a problem', async () => {
    expect(problemOfRaw(await raw('hello\r\n\r\n')).code).toBe('request.malformed');
    const bad = 'POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n';
    expect(problemOfRaw(await raw(bad)).code).toBe('request.malformed');
  });

  it('headers that are too large are refused', async () => {
    const answer = await raw(
      `GET /v1/items HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large/);
    expect(problemOfRaw(answer).code).toBe('request.headers_too_large');
  });

  it('a body that is not UTF-8, or shorter than promised, is refused', async () => {
    const url = `${tester.api.url}/v1/actions`;
    const headers = { 'content-type': 'application/json' };
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    const response = await fetch(url, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'request.malformed' });
    const short = await raw(
      'POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{}',
    );
    expect(short).toMatch(/^HTTP\/1\.1 4\d\d |^$/);
  });

  it('requests have an id, the caller’s if it sends one', async () => {
    const asked = await tester.get('/v1/items', { 'x-request-id': 'trace-7.b' });
    expect(asked.headers['x-request-id']).toBe('trace-7.b');
    const refused = await tester.get('/v1/items/0', { 'x-request-id': 'trace-8' });
    expect(problemIn(refused).instance).toBe('trace-8');
    for (const id of ['a b', '', 'x'.repeat(65), '{"a":1}']) {
      const { headers } = await tester.get('/v1/items', { 'x-request-id': id });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('HEAD is answered like GET, without the body', async () => {
    const answer = await tester.ask({ method: 'HEAD', url: '/v1/items' });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('');
  });
});

it('connections are bounded, per network with 429 and in sum', async () => {
  const bounded = await ApiTester.start({ connections: { perNetwork: 2, all: 3 } });
  const { hostname, port } = new URL(bounded.api.url);
  const sockets: Socket[] = [];
  const open = (localAddress: string): Socket => {
    const socket = connect({ port: Number(port), host: hostname, localAddress });
    sockets.push(socket);
    return socket.on('error', () => undefined);
  };
  /** What comes until it is closed; undefined while it stays open. */
  const ends = (socket: Socket): Promise<string | undefined> =>
    new Promise((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString('utf8')));
      socket.once('close', () => resolve(text));
      setTimeout(() => resolve(undefined), 300);
    });
  try {
    const [first] = [open('127.0.0.1'), open('127.0.0.1')];
    expect(await Promise.all(sockets.map(ends))).toEqual([undefined, undefined]);
    const refused = await ends(open('127.0.0.1'));
    expect(refused).toMatch(/^HTTP\/1\.1 429 .*\r\nRetry-After: 30\r\n/s);
    expect(await ends(open('127.0.0.2'))).toBeUndefined();
    expect(await ends(open('127.0.0.3'))).toBe('');
    first.destroy();
    await waitUntil('its place is free', async () => (await ends(open('127.0.0.1'))) === undefined);
  } finally {
    for (const socket of sockets) socket.destroy();
    await bounded.close();
  }
});

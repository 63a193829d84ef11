import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { addressKinds } from '../../../../adapters/webhooks/allowed-address.js';
import { NotSent, post, type PostOptions } from '../../../../adapters/webhooks/post.js';
import { startReceiver } from '../../../support/webhook-receiver.js';

const LOCAL: PostOptions = { kindOf: addressKinds(['127.0.0.0/8']), timeoutMs: 500 };
const servers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of servers.splice(0)) await stop();
});

/** A server that does what HTTP servers do not. */
async function rawServer(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/hook`;
}

async function receiver(): Promise<Awaited<ReturnType<typeof startReceiver>>> {
  const started = await startReceiver();
  servers.push(() => started.stop());
  return started;
}

const to = (url: string) => ({ url, headers: { 'webhook-id': 'msg_1' }, body: '{}' });
const whyNot = (url: string, options: PostOptions = LOCAL) =>
  post(to(url), options).then(
    (status) => `answered ${status}`,
    (error: unknown) => (error instanceof NotSent ? error.message : String(error)),
  );

describe('posting to a stranger', () => {
  it('gives the status; a redirect is not followed', async () => {
    const hook = await receiver();
    const { url, received } = hook;
    hook.answer(204, 302, 500);
    expect([await whyNot(url), await whyNot(url), await whyNot(url)]).toEqual([
      ...['answered 204', 'answered 302', 'answered 500'],
    ]);
    expect(received.map(({ path }) => path)).toEqual(['/', '/', '/']);
    expect(received[0]?.headers).toMatchObject({ 'webhook-id': 'msg_1', 'content-length': '2' });
  });

  it('a body without end is not read', async () => {
    let written = 0;
    const url = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const timer = setInterval(() => {
        written += 1;
        socket.write('10000\r\n' + 'x'.repeat(0x10000) + '\r\n');
      }, 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await whyNot(url)).toBe('answered 200');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(written).toBeLessThan(10);
  });

  it('headers that drip in, or never end, are not waited for', async () => {
    const drip = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    const flood = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n' + `x: ${'y'.repeat(1000)}\r\n`.repeat(100));
    });
    expect(await whyNot(drip)).toBe('no answer within 500 ms');
    expect(await whyNot(flood)).toBe('the answer is not HTTP');
  });

  it('says in words of ours what else went wrong', async () => {
    const silent = await rawServer(() => undefined);
    const other = await rawServer((socket) => void socket.end('SSH-2.0-secret\r\n'));
    const hangUp = await rawServer((socket) => void socket.destroy());
    const away = await receiver();
    await away.stop();
    expect(await whyNot(silent)).toBe('no answer within 500 ms');
    expect(await whyNot(other)).toBe('the answer is not HTTP');
    expect(await whyNot(hangUp)).toBe('the connection failed');
    expect(await whyNot(away.url)).toBe('the connection was refused');
  });

  it('goes to the address that was checked, whatever the name becomes', async () => {
    const { url, received } = await receiver();
    const { port } = new URL(url);
    let asked = 0;
    const resolve = (): Promise<string[]> => {
      asked += 1;
      return Promise.resolve(asked === 1 ? ['127.0.0.1'] : ['10.0.0.1']);
    };
    const named = `http://rebinding.example:${port}/`;
    expect(await whyNot(named, { ...LOCAL, resolve })).toBe('answered 200');
    expect(asked).toBe(1);
    expect(received[0]?.headers.host).toBe(`rebinding.example:${port}`);
    expect(await whyNot(named, { ...LOCAL, resolve })).toBe('the address is not a public one');
    expect(received).toHaveLength(1);
  });

  it('one refused address among those of a name is enough', async () => {
    const kindOf = addressKinds([]);
    const resolve = () => Promise.resolve(['8.8.8.8', '::ffff:127.0.0.1']);
    const refused = 'the address is not a public one';
    expect(await whyNot('https://both.example/', { ...LOCAL, kindOf, resolve })).toBe(refused);
    expect(await whyNot('http://127.0.0.1:1/', { ...LOCAL, kindOf })).toBe(refused);
    expect(await whyNot('http://[::1]:1/', { ...LOCAL, kindOf })).toBe(refused);
    expect(
      await whyNot('http://a.example/', {
        ...LOCAL,
        kindOf,
        resolve: () => Promise.resolve(['8.8.8.8']),
      }),
    ).toBe('only https is sent to');
  });

  it('a name server that does not answer is not waited for', async () => {
    const resolve = () => new Promise<readonly string[]>(() => undefined);
    expect(await whyNot('https://slow.example/', { ...LOCAL, timeoutMs: 100, resolve })).toBe(
      'the name was not resolved in time',
    );
  });
});

import { createServer, type RequestListener, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NoAnswerError, QuittanceClient, QuittanceError, WaitTimeoutError } from '@quittance/sdk';
import { ApiTester, NEW_POST } from '../api/tester.helper.js';

let tester: ApiTester;
const servers: Server[] = [];

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => tester.close());

const clientWith = (token?: string, baseUrl = tester.api.url): QuittanceClient =>
  new QuittanceClient({ baseUrl, ...(token === undefined ? {} : { token }) });

async function clientOf(creditsMsat = 0n): Promise<QuittanceClient> {
  const headers = await tester.account(creditsMsat);
  return clientWith(headers['authorization']?.slice('Bearer '.length));
}

/** A server that answers with `answer`; its address. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Passes calls on to the API, except the first `times`, which `trouble` answers. */
async function troubled(times: number, trouble: RequestListener, keys: (string | undefined)[]) {
  let left = times;
  return serve((request, response) => {
    keys.push(request.headers['idempotency-key']?.toString());
    if (left-- > 0) {
      trouble(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      void tester.api.app
        .inject({
          method: request.method === 'GET' ? 'GET' : 'POST',
          url: request.url ?? '/',
          headers,
          payload: Buffer.concat(chunks),
        })
        .then((answer) => {
          response.writeHead(answer.statusCode, { 'content-type': 'application/json' });
          response.end(answer.payload);
        });
    });
  });
}

describe('the client', () => {
  it('has the methods of operators', async () => {
    const operator = clientWith(tester.api.operatorToken);
    const { token, ...account } = await operator.openAccount({ name: 'carol' });
    const carol = clientWith(token);
    await operator.grantCredits('carol', { amountMsat: '5000', reason: 'to try' });
    expect(await carol.me()).toMatchObject({ ...account, creditsMsat: '5000', satsMsat: '0' });
    const second = await operator.issueToken('carol', 'second');
    expect(await clientWith(second.token).me()).toMatchObject({ name: 'carol' });
    expect(await operator.revokeTokens('carol')).toEqual(account);
    await expect(carol.me()).rejects.toMatchObject({ code: 'auth.invalid_token', status: 401 });
  });

  it('has the methods of users', async () => {
    const author = await clientOf(1_000n);
    const { action, capability } = await author.openAction(NEW_POST);
    expect(capability).toBeUndefined();
    const itemId = action.result['itemId'] ?? '';
    expect(await author.getItem(itemId)).toMatchObject({ state: 'PAID', actionId: action.id });
    expect((await clientWith().listItems({ limit: 1 })).items).toMatchObject([{ id: itemId }]);

    const unpaid = await author.openAction(NEW_POST);
    expect(await author.cancelAction(unpaid.action.id)).toMatchObject({ state: 'FAILED' });
    expect(await author.retryAction(unpaid.action.id, 1)).toMatchObject({ state: 'PENDING' });
    expect((await author.listActions({ state: 'paid' })).actions).toEqual([action]);
    const own = await author.listItems({ author: 'me', limit: 1 });
    expect(own.items).toMatchObject([{ state: 'PENDING' }]);
    const next = await author.listItems({ author: 'me', cursor: own.nextCursor ?? '' });
    expect(next.items).toMatchObject([{ id: itemId }]);
  });

  it('throws refusals with their code and fields', async () => {
    const refused = await clientWith()
      .openAction({ type: 'ZAP', args: {} })
      .catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(QuittanceError);
    expect(refused).toMatchObject({
      code: 'action.invalid_args',
      status: 400,
      errors: [{ path: 'args.itemId' }, { path: 'args.sats' }],
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
  });

  it('waits, and gives the action as it was last read when the time is over', async () => {
    const author = await clientOf();
    const { action } = await author.openAction(NEW_POST);
    const waiting = author.waitForAction(action.id, { until: ['PAID'], timeoutMs: 150 });
    const error = await waiting.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ last: { id: action.id, state: 'PENDING' } });

    const cancelled = author.waitForAction(action.id, { timeoutMs: 10_000 });
    await author.cancelAction(action.id);
    expect(await cancelled).toMatchObject({ state: 'FAILED' });

    const unknown = '00000000-0000-4000-8000-000000000000';
    await expect(author.waitForAction(unknown)).rejects.toMatchObject({ code: 'action.not_found' });
    await expect(
      author.waitForAction(unknown, { opensLater: true, timeoutMs: 100 }),
    ).rejects.toBeInstanceOf(WaitTimeoutError);
    await expect(
      author.waitForAction(action.id, { until: ['PAID'], signal: AbortSignal.timeout(50) }),
    ).rejects.toThrow();
  });
});

describe('the client while the API is away', () => {
  it.each<readonly [string, RequestListener]>([
    ['the connection is cut', (request) => request.socket.destroy()],
    [
      'the service is not available',
      (_, response) => {
        const problem = {
          type: 'about:blank',
          code: 'service.unavailable',
          title: '',
          status: 503,
        };
        response.writeHead(503);
        response.end(JSON.stringify({ ...problem, detail: '', instance: '', errors: [] }));
      },
    ],
    [
      'something else answers',
      (_, response) => {
        response.writeHead(502);
        response.end('<h1>Bad Gateway</h1>');
      },
    ],
  ])('tries again with the same key when %s', async (_, trouble) => {
    const keys: (string | undefined)[] = [];
    const baseUrl = await troubled(2, trouble, keys);
    const { action } = await clientWith(undefined, baseUrl).openAction(NEW_POST);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(await tester.count('actions where id = $1', [action.id])).toBe(1);
  });

  it('goes on waiting for an action', async () => {
    const { action, capability = '' } = await clientWith().openAction(NEW_POST);
    // More failures than one call would repeat, with pauses of 1.4 s in all.
    const baseUrl = await troubled(6, (request) => request.socket.destroy(), []);
    const wait = { until: ['PENDING_HELD'], capability, timeoutMs: Infinity } as const;
    const read = await clientWith(undefined, baseUrl).waitForAction(action.id, wait);
    expect(read).toMatchObject({ id: action.id, state: 'PENDING_HELD' });
  });

  it('stops waiting at the deadline, with the last action and the failure', async () => {
    const { action, capability = '' } = await clientWith().openAction(NEW_POST);
    let calls = 0;
    const dying = await serve((request, response) => {
      calls += 1;
      if (calls > 1) request.socket.destroy();
      else response.end(JSON.stringify(action));
    });
    const from = performance.now();
    const waiting = clientWith(undefined, dying).waitForAction(action.id, {
      ...{ capability, timeoutMs: 2_500 },
    });
    const error = await waiting.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ last: { id: action.id }, cause: expect.any(Error) as unknown });
    expect(performance.now() - from).toBeGreaterThan(2_400);
    expect(performance.now() - from).toBeLessThan(5_000);

    const silent = new QuittanceClient({ baseUrl: await serve(() => undefined) });
    await expect(silent.waitForAction(action.id, { timeoutMs: 100 })).rejects.toMatchObject({
      name: 'WaitTimeoutError',
      last: undefined,
    });
  });

  it('throws NoAnswerError after its tries, and does not repeat refused calls', async () => {
    let asked = 0;
    const away = await serve((request) => {
      asked += 1;
      request.socket.destroy();
    });
    const gone = new QuittanceClient({ baseUrl: away, retries: 1 });
    await expect(gone.listItems()).rejects.toBeInstanceOf(NoAnswerError);
    expect(asked).toBe(2);

    const slow = new QuittanceClient({
      baseUrl: await serve(() => undefined),
      retries: 0,
      timeoutMs: 50,
    });
    await expect(slow.listItems()).rejects.toBeInstanceOf(NoAnswerError);

    const odd = await serve((_, response) => response.end('{"items":1}'));
    const lost = new QuittanceClient({ baseUrl: odd, retries: 0 });
    await expect(lost.listItems()).rejects.toThrow('not as expected');

    const keys: (string | undefined)[] = [];
    const baseUrl = await troubled(0, () => undefined, keys);
    await expect(
      clientWith(undefined, baseUrl).openAction({ type: 'NOTHING', args: {} }),
    ).rejects.toMatchObject({ code: 'action.unknown_type' });
    expect(keys).toHaveLength(1);
  });
});

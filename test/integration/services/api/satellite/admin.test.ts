import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { confirm, forgetOrders, orderOf } from '../../../engine/transmissions/fixture.helper.js';
import { expectInvariants } from '../../../engine/transmissions/invariants.helper.js';
import { coded, OPEN, refusedUnchanged, type Satellite, satelliteApi } from './harness.helper.js';

const unsupported = (channel: number) =>
  coded(130, 'Unauthorized channel operation', `Operation not supported on channel ${channel}`);

describe('channels that cost nothing', () => {
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi();
  });
  afterAll(() => api.close());
  beforeEach(() => forgetOrders(api.fixture));

  const open = async (channel: number) => {
    const answer = await api.post({ message: 'x', channel: String(channel) }, '/admin/order');
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json<{ uuid: string; auth_token: string }>();
  };

  it.each([3, 4, 5])(
    'only administrators send on channel %i, without an invoice',
    async (channel) => {
      const fields = { message: 'x', channel: String(channel) };
      await refusedUnchanged(api, () => api.post(fields), 401, unsupported(channel));
      const opened = await open(channel);
      expect(Object.keys(opened).sort()).toEqual(['auth_token', 'uuid']);
      expect(await orderOf(api.fixture, opened.uuid)).toMatchObject({
        state: 'transmitting',
        tx_seq_num: 1,
        bid_msat: 0n,
        channel,
      });
      const second = await open(channel);
      expect((await orderOf(api.fixture, second.uuid)).state).toBe('paid');
      await confirm(api.fixture, 'tx', 1);
      expect((await orderOf(api.fixture, second.uuid)).state).toBe('transmitting');
      await expectInvariants(api.fixture);
    },
  );

  it('users see what their channel allows, and nothing of the auth channel', async () => {
    const { uuid, auth_token } = await open(3);
    const own = `/order/${uuid}?auth_token=${auth_token}`;
    for (const url of [own, '/orders/queued?channel=3', '/message/1']) {
      const answer = await api.app.inject(url);
      expect([url, answer.statusCode, answer.json()]).toEqual([url, 401, unsupported(3)]);
      expect((await api.app.inject(`/admin${url}`)).statusCode).toBe(200);
    }
    // In development everybody is an administrator, and this is theirs too.
    expect((await api.app.inject(`/order/${uuid}/sent_message`)).statusCode).toBe(200);
    const removed = await api.app.inject({ method: 'DELETE', url: own });
    expect(removed.json()).toEqual(unsupported(3));
    const gossip = await open(4);
    const shown = await api.app.inject(`/order/${gossip.uuid}?auth_token=${gossip.auth_token}`);
    expect(shown.statusCode).toBe(200);
  });

  it('an administrator needs the order’s token too', async () => {
    const { uuid } = await open(3);
    const answer = await api.app.inject(`/admin/order/${uuid}`);
    expect(answer.json()).toEqual(coded(109, 'Unauthorized', 'Invalid authentication token'));
  });

  it('nobody bumps there', async () => {
    const { uuid, auth_token } = await open(5);
    const answer = await api.post({ bid_increase: '1', auth_token }, `/order/${uuid}/bump`);
    expect([answer.statusCode, answer.json()]).toEqual([401, unsupported(5)]);
  });

  it('administrators send 16 MB on channel 5, and see confirmations in their order', async () => {
    const message = Buffer.alloc(2_000_000, 7);
    const small = await api.upload({ channel: '1', bid: '9000000' }, message);
    expect(small.json()).toEqual(
      coded(118, 'Message too large', 'Message size exceeds max size of 1.00 MB'),
    );
    const { uuid, auth_token } = await open(5);
    await confirm(api.fixture, 'tx', 1, [4]);
    await confirm(api.fixture, 'tx', 1, [0]);
    const answer = await api.app.inject(`/admin/order/${uuid}?auth_token=${auth_token}`);
    expect(answer.json()).toMatchObject({
      channel: 5,
      status: 'confirming',
      tx_confirmations: [4, 0],
      rx_confirmations: [],
      retransmission: null,
    });
  });
});

describe('the guard of administrators and stations', () => {
  const token = 'a-token-of-thirty-two-characters!';
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi({
      satellite: { ...OPEN, guard: { open: false, token, certificateHeader: 'x-client-verify' } },
      isTrustedProxy: (address) => address === '127.0.0.1',
    });
  });
  afterAll(() => api.close());

  const PATHS = [
    ['GET', '/admin/orders/pending'],
    ['POST', '/admin/order'],
    ['POST', '/order/tx/1'],
    ['POST', '/order/rx/1'],
  ] as const;

  it.each(PATHS)('%s %s is for those with the token or a certificate', async (method, url) => {
    const ask = (headers: Record<string, string>) => api.app.inject({ method, url, headers });
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { 'x-client-verify': 'NONE' }]) {
      const answer = await ask(headers);
      expect(answer.statusCode).toBe(403);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    }
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { 'x-client-verify': 'SUCCESS' },
    ]) {
      expect((await ask(headers)).statusCode).not.toBe(403);
    }
  });

  it('what was sent on the auth channel is shown to nobody else, in development too', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const url = '/admin/order';
    const sent = async (channel: number) => {
      const payload = `message=x&channel=${channel}`;
      const asked = { method: 'POST', url, payload, headers: { ...headers, ...type } } as const;
      const { uuid } = (await api.app.inject(asked)).json<{ uuid: string }>();
      return `/order/${uuid}/sent_message`;
    };
    const [auth, gossip] = [await sent(3), await sent(4)];
    expect((await api.app.inject(auth)).statusCode).toBe(404);
    expect((await api.app.inject({ url: auth, headers })).body).toBe('x');
    expect((await api.app.inject(gossip)).body).toBe('x');
  });

  it('the header counts only from a proxy', async () => {
    const answer = await api.app.inject({
      url: '/admin/orders/pending',
      remoteAddress: '192.0.2.1',
      headers: { 'x-client-verify': 'SUCCESS' },
    });
    expect(answer.statusCode).toBe(403);
  });
});

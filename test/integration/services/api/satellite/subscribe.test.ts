import { randomUUID } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readEpoch } from '../../../../../db/installation.js';
import { timeOut } from '../../../../../engine/transmissions/advance-order.js';
import { Places } from '../../../../../services/api/places.js';
import { EventFeed } from '../../../../../services/api/satellite/event-feed.js';
import {
  followEvents,
  type Follower,
} from '../../../../../services/api/satellite/follow-events.js';
import { publish } from '../../../../../services/shared/publish.js';
import { waitUntil } from '../../../../support/wait-until.js';
import {
  confirm,
  eventsOf,
  forgetOrders,
  inTx,
  passDeadline,
} from '../../../engine/transmissions/fixture.helper.js';
import { type Satellite, satelliteApi } from './harness.helper.js';

describe('GET /subscribe/CHANNELS', () => {
  let api: Satellite;
  let nc: NatsConnection;
  let follower: Follower;
  let base: string;
  const feed = new EventFeed();
  const open: IncomingMessage[] = [];
  beforeAll(async () => {
    api = await satelliteApi({ events: feed, keepaliveMs: 50 });
    await api.app.listen({ host: '127.0.0.1', port: 0 });
    base = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
    nc = await connect({ servers: process.env['NATS_URL'] ?? '' });
    const logger = pino({ level: 'silent' });
    follower = followEvents({ nc, reads: api.fixture.pool, feed, logger });
    await follower.ready;
  });
  afterAll(async () => {
    for (const stream of open) stream.destroy();
    await follower.stop();
    await nc.close();
    await api.close();
  });
  beforeEach(() => forgetOrders(api.fixture));

  const subscribe = async (
    path: string,
  ): Promise<{ response: IncomingMessage; text: () => string }> => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${base}${path}`, resolve).once('error', reject);
    });
    open.push(response);
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return { response, text: () => text };
  };
  const eventsIn = (text: string) =>
    [...text.matchAll(/^event:(\S+)\ndata:(.*)\n\n/gm)].map(([, name, data = '']) => ({
      name,
      ...(JSON.parse(data) as { status: string; regions: number[]; uuid: string }),
    }));

  /** What the relay does with events, in their order. */
  let sent = 0;
  const deliver = async (): Promise<void> => {
    const epoch = await readEpoch(api.fixture.pool);
    for (const { subject, payload } of (await eventsOf(api.fixture)).slice(sent)) {
      sent += 1;
      const messageId = `subscribe-test/${randomUUID()}`;
      await publish(nc.jetstream(), { subject, body: payload, messageId, epoch });
    }
  };
  beforeEach(() => {
    sent = 0;
  });

  it('shows starts and ends in order, spelled as the peer spells them', async () => {
    const { response, text } = await subscribe('/subscribe/transmissions');
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      connection: 'keep-alive',
    });
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
    const opened = await api.open({ bid: '1000', message: 'hello' });
    await api.settle(opened);
    await deliver();
    await confirm(api.fixture, 'tx', 1, [0, 1, 2]);
    await passDeadline(api.fixture, opened.uuid);
    await inTx(api.fixture, (tx) => timeOut(tx, opened.uuid));
    await confirm(api.fixture, 'tx', 1);
    await confirm(api.fixture, 'rx', 1);
    await deliver();
    await waitUntil('three events', () => Promise.resolve(eventsIn(text()).length >= 3));
    expect(eventsIn(text()).map(({ name, status, regions }) => [name, status, regions])).toEqual([
      ['transmissions', 'transmitting', [0, 1, 2, 3, 4, 5]],
      ['transmissions', 'transmitting', [3, 4, 5]],
      ['transmissions', 'sent', [3, 4, 5]],
    ]);
    const [line] = text()
      .split('\n')
      .filter((one) => one.startsWith('data:'));
    const fields = Object.keys(JSON.parse((line ?? '').slice(5)) as object);
    expect(fields).toEqual([
      ...['uuid', 'bid', 'unpaid_bid', 'bid_per_byte', 'message_size', 'message_digest', 'status'],
      ...['created_at', 'cancelled_at', 'started_transmission_at', 'ended_transmission_at'],
      ...['tx_seq_num', 'regions'],
    ]);
    expect(line).toContain('"bid": 1000, "unpaid_bid": 0, "bid_per_byte": ');
  });

  it('says that it is alive', async () => {
    const { text } = await subscribe('/subscribe/transmissions,gossip');
    await waitUntil('it says so', () => Promise.resolve(text().startsWith(': keepalive\n\n')));
  });

  it.each(['/subscribe/auth', '/subscribe/transmissions,auth'])('%s is refused', async (path) => {
    const answer = await api.app.inject(path);
    expect([answer.statusCode, answer.body]).toEqual([
      401,
      'Operation not supported on the auth channel',
    ]);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('the auth channel is shown to administrators only, however the list is written (fault 14)', async () => {
    const streams = await Promise.all(
      [
        '/subscribe/',
        '/subscribe/,',
        '/subscribe/gossip',
        '/admin/subscribe/',
        '/admin/subscribe/auth',
      ].map(subscribe),
    );
    await api.post({ message: 'x', channel: '3' }, '/admin/order');
    await api.post({ message: 'y', channel: '4' }, '/admin/order');
    await deliver();
    const seen = () =>
      streams.map(({ text }) =>
        eventsIn(text())
          .map(({ name }) => name)
          .join(),
      );
    const expected = ['gossip', 'gossip', 'gossip', 'auth,gossip', 'auth'];
    await waitUntil('all have seen theirs', () =>
      Promise.resolve(JSON.stringify(seen()) === JSON.stringify(expected)),
    );
    expect(seen()).toEqual(expected);
  });

  it('is refused with 429 where one network, or all together, hold too many open', async () => {
    const crowd = await satelliteApi({
      ...{ events: new EventFeed(), streamPlaces: new Places({ perNetwork: 2, all: 3 }) },
    });
    await crowd.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = crowd.app.server.address() as AddressInfo;
    const ask = (path: string, localAddress: string): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, path, localAddress }, resolve).once('error', reject);
      });
    const here = (): Promise<IncomingMessage> => ask('/subscribe/gossip', '127.0.0.1');
    try {
      const first = await here();
      await here();
      const refused = await here();
      expect(refused.statusCode).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await ask('/subscribe/gossip', '127.0.0.2')).statusCode).toBe(200);
      // All are taken.
      expect((await ask('/subscribe/gossip', '127.0.0.3')).statusCode).toBe(429);
      // What is forbidden, or for administrators, takes no place.
      expect((await ask('/subscribe/auth', '127.0.0.3')).statusCode).toBe(401);
      expect((await ask('/admin/subscribe/auth', '127.0.0.3')).statusCode).toBe(200);
      first.destroy();
      await waitUntil('its place is free', async () => (await here()).statusCode === 200);
    } finally {
      await crowd.close();
    }
  });

  it('leaves out events of other data', async () => {
    const { text } = await subscribe('/subscribe/gossip');
    await api.post({ message: 'y', channel: '4' }, '/admin/order');
    const [event] = await eventsOf(api.fixture);
    if (event === undefined) throw new Error('no event');
    const message = { subject: event.subject, body: event.payload };
    const js = nc.jetstream();
    await publish(js, { ...message, messageId: `subscribe-test/${randomUUID()}`, epoch: 1n });
    await deliver();
    await waitUntil('its own is seen', () => Promise.resolve(eventsIn(text()).length > 0));
    expect(eventsIn(text())).toHaveLength(1);
  });
});

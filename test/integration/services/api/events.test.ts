import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Places } from '../../../../services/api/places.js';
import { EventFeed } from '../../../../services/api/satellite/event-feed.js';
import { actionTopic, ChangeFeed } from '../../../../services/api/events/change-feed.js';
import { followChanges } from '../../../../services/api/events/follow-changes.js';
import { runEffects } from '../../../../engine/actions/run-effects.js';
import { waitUntil } from '../../../support/wait-until.js';
import { ApiTester, type Headers, NEW_POST } from './tester.helper.js';
import { EventReader } from './event-reader.helper.js';

let tester: ApiTester;
let changes: ChangeFeed;
const cleanups: (() => Promise<void> | void)[] = [];

/** `refreshMs`: so rarely that only what is told of changes is seen. */
async function start(refreshMs = 3_600_000, perNetwork = 20): Promise<void> {
  changes = new ChangeFeed();
  tester = await ApiTester.start({
    changes,
    eventStreams: {
      refreshMs,
      events: new EventFeed(),
      streamPlaces: new Places({ perNetwork, all: 30 }),
    },
  });
  const following = followChanges({
    ...{ databaseUrl: tester.api.databaseUrl, reads: tester.api.pool, feed: changes },
    logger: pino({ level: 'silent' }),
  });
  cleanups.push(() => following.stop());
}

beforeEach(() => start());
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await tester.close();
});

async function open(path: string, headers: Headers = {}, paused = false): Promise<EventReader> {
  const reader = await EventReader.open(`${tester.api.url}${path}`, headers, paused);
  cleanups.push(() => reader.close());
  return reader;
}

const unread = { unreadNotices: 1 };

it('the first event of an account is its state, and each that follows has all of it', async () => {
  const headers = await tester.account(100_000n);
  const reader = await open('/v1/events', headers);
  await waitUntil('the first state', () => reader.states.length === 1);
  expect(reader.newest).toMatchObject({ creditsMsat: '100000', open: [], newest: [] });
  const { id } = await tester.open(headers);
  await waitUntil('the action', () => JSON.stringify(reader.newest ?? null).includes(id));
  expect(reader.newest).toMatchObject({ newest: [{ id, state: 'PAID' }], unreadNotices: 0 });
  expect(reader.newest).not.toMatchObject({ creditsMsat: '100000' });
});

it('a notice is told of, and what concerns others is not', async () => {
  const [author, stranger] = [await tester.account(100_000n), await tester.account()];
  const { result } = await tester.open(author);
  const [own, other] = [await open('/v1/events', author), await open('/v1/events', stranger)];
  await waitUntil('both begin', () => own.states.length === 1 && other.states.length === 1);
  const zap = { type: 'ZAP', args: { itemId: result['itemId'], sats: 10 } };
  await tester.open(await tester.account(100_000n), zap);
  const { engine } = tester.api;
  await runEffects(engine, { url: 'http://site.example' });
  await waitUntil('the notice', () =>
    JSON.stringify(own.newest ?? null).includes('"unreadNotices":1'),
  );
  expect(own.newest).toMatchObject(unread);
  expect(other.states).toHaveLength(1);
});

it('an action is told of when it moves, and not again when another does', async () => {
  const headers = await tester.account();
  const followed = async (): Promise<() => number> => {
    const { id } = await tester.open(headers, { ...NEW_POST, payment: 'invoice' });
    let told = 0;
    cleanups.push(changes.subscribe(actionTopic(id), () => (told += 1)));
    await tester.post(`/v1/actions/${id}/cancel`, {}, headers);
    await waitUntil('it is told of', () => told > 0);
    return () => told;
  };
  const first = await followed();
  // What was written before that was told of by now.
  await followed();
  const before = first();
  await followed();
  expect(first()).toBe(before);
});

it('an item is followed by anybody; one that nobody may see is not', async () => {
  const author = await tester.account(100_000n);
  const { result } = await tester.open(author);
  const id = result['itemId'] ?? '';
  const reader = await open(`/v1/items/${id}/events`);
  await waitUntil('the first state', () => reader.states.length === 1);
  const zap = { type: 'ZAP', args: { itemId: id, sats: 10 } };
  await tester.open(await tester.account(100_000n), zap);
  await waitUntil('the zap', () => JSON.stringify(reader.newest ?? null).includes('10000'));
  expect(reader.newest).toMatchObject({ id });
  await expect(open('/v1/items/999999/events')).rejects.toThrow('status 404');
  await expect(open('/v1/events')).rejects.toThrow('status 401');
});

it('streams end when the process stops, and it does not wait for them', async () => {
  const reader = await open('/v1/events', await tester.account());
  await waitUntil('the first state', () => reader.states.length === 1);
  const before = performance.now();
  await tester.api.app.close();
  await waitUntil('its end', () => reader.ended);
  expect(performance.now() - before).toBeLessThan(3_000);
});

it('a process that stops does not wait for a client that does not read', async () => {
  const headers = await tester.account(100_000_000n);
  const text = 'x'.repeat(90_000);
  for (let n = 0; n < 20; n += 1) {
    await tester.open(headers, { type: 'ITEM_CREATE', args: { title: `A post ${n}`, text } });
  }
  await open('/v1/events', headers, true);
  const before = performance.now();
  await tester.api.app.close();
  expect(performance.now() - before).toBeLessThan(5_000);
});

it('one network has so many streams, and gets the place of one that has ended', async () => {
  await tester.close();
  await start(3_600_000, 2);
  const headers = await tester.account();
  const [first] = [await open('/v1/events', headers), await open('/v1/events', headers)];
  await expect(open('/v1/events', headers)).rejects.toThrow('status 429');
  first.close();
  await waitUntil('a place', async () => {
    const reader = await open('/v1/events', headers).catch(() => undefined);
    return reader !== undefined;
  });
});

it('streams of all kinds share the places of a network', async () => {
  await tester.close();
  await start(3_600_000, 3);
  const headers = await tester.account(100_000n);
  const { result } = await tester.open(headers);
  const paths = ['/v1/events', `/v1/items/${result['itemId']}/events`, '/subscribe/transmissions'];
  const readers = [];
  for (const path of paths) readers.push(await open(path, headers));
  for (const path of paths) {
    await expect(open(path, headers), path).rejects.toThrow('status 429');
  }
  for (const [n, path] of paths.entries()) {
    // The place of one is another kind's.
    readers[n]?.close();
    await waitUntil(`a place for ${path}`, async () => {
      const reader = await open(paths[(n + 1) % 3] ?? '', headers).catch(() => undefined);
      return reader !== undefined;
    });
  }
});

it('a client that does not read costs one state, and gets the newest when it reads on', async () => {
  const headers = await tester.account(100_000_000n);
  const text = 'x'.repeat(60_000);
  for (let n = 0; n < 20; n += 1) {
    await tester.open(headers, { type: 'ITEM_CREATE', args: { title: `A post ${n}`, text } });
  }
  const reader = await open('/v1/events', headers, true);
  // Each state is more than a megabyte: a hundred of them would not fit anywhere.
  const before = process.memoryUsage().rss;
  for (let n = 0; n < 40; n += 1) {
    await tester.open(headers, { type: 'ITEM_CREATE', args: { title: `More ${n}`, text } });
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  reader.response.resume();
  await waitUntil('the newest state', () =>
    JSON.stringify(reader.newest ?? null).includes('More 39'),
  );
  expect(reader.states.length).toBeLessThan(20);
});

it('a client that has not read for long is let go, and its place is another one’s', async () => {
  await tester.close();
  await start(20, 1);
  const headers = await tester.account(100_000_000n);
  const text = 'x'.repeat(90_000);
  const more = (n: number) => ({ type: 'ITEM_CREATE', args: { title: `A post ${n}`, text } });
  for (let n = 0; n < 20; n += 1) await tester.open(headers, more(n));
  await open('/v1/events', headers, true);
  await expect(open('/v1/events', headers)).rejects.toThrow('status 429');
  let n = 100;
  await waitUntil(
    'its place',
    async () => {
      await tester.open(headers, more((n += 1)));
      return (await open('/v1/events', headers).catch(() => undefined)) !== undefined;
    },
    30_000,
  );
});

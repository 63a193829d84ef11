import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listen, type Listener, type ListenOptions } from '../../../../db/listener.js';
import { createNotifier, OUTBOX_CHANNEL } from '../../../../db/notifier.js';
import { stopBackends } from '../../../support/stopped-backends.js';
import { waitUntil } from '../../../support/wait-until.js';
import { relayDatabase, terminate, type Database } from './fixture.helper.js';

let database: Database;
let listener: Listener | undefined;

beforeAll(async () => {
  database = await relayDatabase();
});

afterEach(async () => {
  await listener?.stop();
  listener = undefined;
});

afterAll(() => database.close());

function start(times: Pick<ListenOptions, 'pingMs' | 'pingTimeoutMs'> = {}): {
  readonly received: () => number;
  readonly lost: () => number;
} {
  let received = 0;
  let lost = 0;
  listener = listen({
    connectionString: database.url,
    applicationName: 'listening',
    channel: OUTBOX_CHANNEL,
    onNotify: () => (received += 1),
    onLost: () => (lost += 1),
    ...times,
  });
  return { received: () => received, lost: () => lost };
}

describe('a listener', () => {
  it('receives notifications, fewer than there were calls', async () => {
    const { received } = start();
    await waitUntil('it listens', () => received() === 1);
    const notify = createNotifier(database.pool, () => undefined);
    for (let call = 0; call < 100; call += 1) notify();
    await waitUntil('it is notified', () => received() >= 3);
    expect(received()).toBe(3);
  });

  it('reconnects when its connection is lost, and then reports a notification', async () => {
    const { received, lost } = start();
    await waitUntil('it listens', () => received() === 1);
    expect(await terminate(database.pool, 'listening')).toBe(1);
    await waitUntil('it listens again', () => received() === 2);
    expect(lost()).toBe(1);
    createNotifier(database.pool, () => undefined)();
    await waitUntil('it is notified', () => received() === 3);
  });

  it('notices a server process that does not answer, and listens by another', async () => {
    const { received, lost } = start({ pingMs: 100, pingTimeoutMs: 300 });
    await waitUntil('it listens', () => received() === 1);
    const stopped = await stopBackends(database.pool, 'listening');
    try {
      await waitUntil('it listens again', () => received() === 2);
      expect([stopped.count, lost()]).toEqual([1, 1]);
      createNotifier(database.pool, () => undefined)();
      await waitUntil('it is notified', () => received() === 3);
    } finally {
      stopped.continue();
    }
  });

  it('keeps trying while PostgreSQL is not there, and stops on request', async () => {
    let lost = 0;
    listener = listen({
      connectionString: 'postgres://nobody@127.0.0.1:1/nothing',
      applicationName: 'listening',
      channel: OUTBOX_CHANNEL,
      onNotify: () => undefined,
      onLost: () => (lost += 1),
    });
    await waitUntil('it tried twice', () => lost === 2);
    await listener.stop();
    const tries = lost;
    await new Promise(setImmediate);
    expect(lost).toBe(tries);
  });
});

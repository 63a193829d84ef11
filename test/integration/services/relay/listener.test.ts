import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listen, type Listener } from '../../../../db/listener.js';
import { createNotifier, OUTBOX_CHANNEL } from '../../../../db/notifier.js';
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

function start(): { readonly heard: () => number; readonly lost: () => number } {
  let heard = 0;
  let lost = 0;
  listener = listen({
    connectionString: database.url,
    applicationName: 'listening',
    channel: OUTBOX_CHANNEL,
    onNotify: () => (heard += 1),
    onLost: () => (lost += 1),
  });
  return { heard: () => heard, lost: () => lost };
}

describe('a listener', () => {
  it('hears the notifier, and less often than it was called', async () => {
    const { heard } = start();
    await waitUntil('it listens', () => heard() === 1);
    const notify = createNotifier(database.pool, () => undefined);
    for (let call = 0; call < 100; call += 1) notify();
    await waitUntil('it was told', () => heard() >= 3);
    expect(heard()).toBe(3);
  });

  it('comes back when its connection is lost, and says so as if it had been told', async () => {
    const { heard, lost } = start();
    await waitUntil('it listens', () => heard() === 1);
    expect(await terminate(database.pool, 'listening')).toBe(1);
    await waitUntil('it listens again', () => heard() === 2);
    expect(lost()).toBe(1);
    createNotifier(database.pool, () => undefined)();
    await waitUntil('it hears', () => heard() === 3);
  });

  it('keeps trying while PostgreSQL is not there, and stops when told to', async () => {
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

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientBase } from 'pg';
import { Refusal } from '../../../../domain/refusal.js';
import { readEpoch } from '../../../../db/installation.js';
import type { MessageHandler } from '../../../../services/relay/consumer/message-handler.js';
import { createLatch } from '../../../support/latch.js';
import { startTcpProxy } from '../../../support/tcp-proxy.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  createNotes,
  notes,
  notesAppliedBy,
  publishMessage,
  startConsumer,
  writeNote,
  written,
  type Note,
  type TestConsumer,
} from './consumer-fixture.helper.js';
import { useServers } from './fixture.helper.js';
import { messagesOf } from './messages.helper.js';

const servers = useServers();
let consumers: TestConsumer[] = [];

beforeEach(() => createNotes(servers.database.pool));

afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  consumers = [];
});

function start(handler: MessageHandler<Note> = notes, url = servers.database.url): TestConsumer {
  const consumer = startConsumer(servers.nc, { url }, handler);
  consumers.push(consumer);
  return consumer;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

async function publishAll(count: number): Promise<void> {
  await Promise.all(
    numbers(count).map((n) => publishMessage(servers.nc, servers.database.pool, { n })),
  );
}

function untilWritten(count: number): Promise<boolean> {
  return waitUntil(
    `${count} notes are written`,
    async () => (await written(servers.database.pool)).length >= count,
  );
}

function untilResult(consumer: TestConsumer, result: string, count = 1): Promise<boolean> {
  return waitUntil(
    `${count} ${result}`,
    async () => (await consumer.results(result)) >= count,
    20_000,
  );
}

describe('a consumer', () => {
  it('is busy as long as the stream has more messages than it has taken', async () => {
    const { open, opened } = createLatch();
    await publishAll(100);
    const consumer = start(
      notesAppliedBy(async (tx, note) => {
        await opened;
        return writeNote(tx, note);
      }),
    );
    await waitUntil('it is busy', () => consumer.busy());
    open();
    await untilWritten(100);
    await waitUntil('it is no longer busy', () => !consumer.busy());
  });
});

describe('messages', () => {
  it('are applied once each by the relays that share them', async () => {
    const both = [start(), start()];
    await publishAll(300);
    await untilWritten(300);
    expect(await written(servers.database.pool)).toEqual(numbers(300));
    const shares = await Promise.all(both.map((consumer) => consumer.results('applied')));
    expect(shares.reduce((sum, share) => sum + share)).toBe(300);
  });

  it('are applied once though all of them are redelivered', async () => {
    const first = start();
    await publishAll(50);
    await untilResult(first, 'applied', 50);
    await first.stop();
    consumers = [];
    const manager = await servers.nc.jetstreamManager();
    await manager.consumers.delete(notes.stream, notes.durable);
    const second = start();
    await untilResult(second, 'duplicate', 50);
    expect(await written(servers.database.pool)).toEqual(numbers(50));
  });

  it('are not deduped when their effect cannot be committed, and are applied later', async () => {
    let tries = 0;
    const consumer = start(
      notesAppliedBy(async (tx, note) => {
        const outcome = await writeNote(tx, note);
        tries += 1;
        if (tries < 3) throw new Error('the disk is full');
        return outcome;
      }),
    );
    await publishMessage(servers.nc, servers.database.pool, { n: 7 });
    await untilResult(consumer, 'applied');
    expect(await written(servers.database.pool)).toEqual([7]);
    expect(await consumer.results('again')).toBe(2);
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toEqual([]);
  });

  it('of another epoch are ignored, even unreadable ones', async () => {
    const epoch = (await readEpoch(servers.database.pool)) - 1n;
    await publishMessage(servers.nc, servers.database.pool, { n: 1 }, { epoch });
    await publishMessage(servers.nc, servers.database.pool, 'of an older format', { epoch });
    await publishMessage(servers.nc, servers.database.pool, { n: 2 });
    const consumer = start();
    await untilResult(consumer, 'other_epoch', 2);
    await untilWritten(1);
    expect(await written(servers.database.pool)).toEqual([2]);
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toEqual([]);
  });

  it('wait while PostgreSQL is down, through any number of redeliveries', async () => {
    const { hostname: host, port } = new URL(servers.database.url);
    const proxy = await startTcpProxy({ host, port: Number(port) });
    const url = new URL(servers.database.url);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    proxy.cut();
    const consumer = start(notes, url.href);
    await publishAll(20);
    await untilResult(consumer, 'again', 60);
    proxy.restore();
    await untilWritten(20);
    expect(await written(servers.database.pool)).toEqual(numbers(20));
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toEqual([]);
    await consumer.stop();
    consumers = [];
    await proxy.close();
  });

  it('stay in their stream while PostgreSQL is away: few are read, in vain', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const WORKERS = 10;
    await publishAll(300);
    const consumer = start(notesAppliedBy(() => Promise.reject(away)));
    await untilResult(consumer, 'again', WORKERS);
    const from = performance.now();
    await untilResult(consumer, 'again', 4 * WORKERS);
    expect(performance.now() - from).toBeGreaterThan(400);
  });

  it('that cannot be applied for now do not hold up the others', async () => {
    const consumer = start(
      notesAppliedBy((tx, note) => {
        if (note.n < 40) throw new Error('not yet');
        return writeNote(tx, note);
      }),
    );
    await publishAll(100);
    await untilWritten(60);
    expect(await written(servers.database.pool)).toEqual(numbers(100).slice(40));
    expect(await consumer.results('dead')).toBe(0);
  });
});

describe('600 messages that fail again and again', () => {
  const FAILING = 600;
  const FAIL: readonly (readonly [string, (tx: ClientBase) => Promise<unknown>])[] = [
    ['at once', () => Promise.reject(new Error('not yet'))],
    [
      'after the wait for a lock',
      (tx) => tx.query(`do $$ begin perform pg_sleep(0.05); raise lock_not_available; end $$`),
    ],
  ];

  it.each(FAIL)('%s, hold up no other for 2 s', async (_, fail) => {
    const consumer = start(
      notesAppliedBy(async (tx, note) => {
        if (note.n < FAILING) await fail(tx);
        return writeNote(tx, note);
      }),
    );
    await publishAll(FAILING);
    await untilResult(consumer, 'again', FAILING);
    for (const n of [FAILING, FAILING + 1, FAILING + 2]) {
      const from = performance.now();
      await publishMessage(servers.nc, servers.database.pool, { n });
      await untilWritten(n - FAILING + 1);
      expect(performance.now() - from).toBeLessThan(2_000);
    }
    const manager = await servers.nc.jetstreamManager();
    const info = await manager.consumers.info(notes.stream, notes.durable);
    expect(info.num_pending).toBe(0);
    expect(info.num_ack_pending).toBe(FAILING);
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toEqual([]);
  });
});

describe('a message of a type that this process does not know', () => {
  it('is redelivered until a process knows it, and never dead-lettered', async () => {
    const unknowing = start(
      notesAppliedBy(() =>
        Promise.reject(new Refusal('action.unknown_type', 'types are ITEM_CREATE')),
      ),
    );
    await publishMessage(servers.nc, servers.database.pool, { n: 1 });
    await untilResult(unknowing, 'again', 3);
    await unknowing.stop();
    consumers = [];
    await untilResult(start(), 'applied');
    expect(await written(servers.database.pool)).toEqual([1]);
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toEqual([]);
  });
});

describe('messages that nobody can store', () => {
  const UNREADABLE = ['x'.repeat(6_000), 'x'.repeat(256), 'é'.repeat(10)];

  it('become dead letters at the first delivery, and others are applied meanwhile', async () => {
    const { nc, database } = servers;
    await Promise.all(
      UNREADABLE.map((messageId) => publishMessage(nc, database.pool, { n: 7 }, { messageId })),
    );
    const nul = String.fromCodePoint(0);
    await publishMessage(nc, database.pool, { n: 8, text: `a${nul}b` });
    await publishMessage(nc, database.pool, { n: 1 }, { messageId: 'x'.repeat(255) });
    const consumer = start();
    await untilResult(consumer, 'dead', UNREADABLE.length + 1);
    await untilWritten(1);
    expect(await written(database.pool)).toEqual([1]);
    expect(await consumer.results('again')).toBe(0);
  });
});

describe('a relay that stops', () => {
  it('finishes the messages it applies and hands back the others at once', async () => {
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const first = start(
      notesAppliedBy(async (tx, note) => {
        begin();
        await released;
        return writeNote(tx, note);
      }),
    );
    await publishAll(40);
    await begun;
    const stopped = first.stop();
    consumers = [];
    start();
    release();
    await stopped;
    // Sooner than JetStream itself would redeliver them.
    await waitUntil(
      'the other applied the rest',
      async () => (await written(servers.database.pool)).length === 40,
      8_000,
    );
    expect(await first.results('applied')).toBeGreaterThan(0);
    expect(await first.results('applied')).toBeLessThan(40);
    expect(await written(servers.database.pool)).toEqual(numbers(40));
  });
});

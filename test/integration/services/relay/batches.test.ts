import { DatabaseError } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { Refusal } from '../../../../domain/refusal.js';
import { applyBatch, type ReadItem } from '../../../../services/relay/consumer/apply-batch.js';
import type { MessageHandler } from '../../../../services/relay/consumer/message-handler.js';
import { createLatch } from '../../../support/latch.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  createNotes,
  type Note,
  notes,
  publishMessage,
  startConsumer,
  testEngine,
  type TestConsumer,
  writeNote,
  written,
} from './consumer-fixture.helper.js';
import { useServers } from './fixture.helper.js';
import { messagesOf } from './messages.helper.js';

const servers = useServers();
let consumer: TestConsumer | undefined;

beforeEach(() => createNotes(servers.database.pool));
afterEach(async () => {
  vi.restoreAllMocks();
  await consumer?.stop();
  consumer = undefined;
});

type NoteHandler = MessageHandler<Note, string>;

interface BatchedNotes {
  readonly handler: NoteHandler;
  /** The numbers of each transaction that was tried. */
  readonly batches: number[][];
}

/** Notes of which several may share a transaction. `before` is called before each is written. */
function batchedNotes(
  before: (n: number) => unknown = () => undefined,
  overrides: Partial<NoteHandler> = {},
): BatchedNotes {
  const batches: number[][] = [];
  const { stream, durable, subjects = [], parse } = notes;
  const handler: NoteHandler = {
    ...{ stream, durable, subjects, parse },
    findTarget: () => Promise.resolve('a note'),
    findBatchable: (_db, all) => Promise.resolve(all.map(() => 'a note')),
    apply: async (_engine, tx, items) => {
      batches.push(items.map(({ body: { n } }) => n));
      for (const { body } of items) {
        await before(body.n);
        await writeNote(tx, body);
      }
      return items.map(() => 'applied' as const);
    },
    ...overrides,
  };
  return { handler, batches };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

async function publishAll(count: number): Promise<void> {
  const { nc, database } = servers;
  await Promise.all(numbers(count).map((n) => publishMessage(nc, database.pool, { n })));
}

/** Applies nothing before it is opened. */
function gated(): { readonly handler: NoteHandler; readonly open: () => void } {
  const { open, opened } = createLatch();
  const { handler } = batchedNotes(undefined, {
    apply: (_engine, _tx, items) => opened.then(() => items.map(() => 'applied' as const)),
  });
  return { handler, open };
}

function untilTaken(count: number): Promise<boolean> {
  return waitUntil(`${count} are taken`, async () => {
    const { consumers } = await servers.nc.jetstreamManager();
    const info = await consumers.info(notes.stream, notes.durable).catch(() => undefined);
    return info?.num_pending === 0 && info.num_ack_pending === count;
  });
}

/** The time until the mocks are restored. */
function clockAt(ms: number): void {
  vi.spyOn(performance, 'now').mockReturnValue(ms);
}

/** To long after the last message came. */
function movedClock(): void {
  clockAt(performance.now() + 60_000);
}

const start = (handler: NoteHandler): TestConsumer =>
  (consumer = startConsumer(servers.nc, servers.database, handler));

function untilResults(result: string, count: number): Promise<boolean> {
  return waitUntil(
    `${count} ${result}`,
    async () => ((await consumer?.results(result)) ?? 0) >= count,
    20_000,
  );
}

describe('messages that wait', () => {
  it('are applied in batches, once each', async () => {
    await publishAll(200);
    const { handler, batches } = batchedNotes();
    start(handler);
    await untilResults('applied', 200);
    expect(await written(servers.database.pool)).toEqual(numbers(200));
    expect(batches.length).toBeLessThan(100);
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(16);
  });

  it('keep the consumer busy for as long as more of them wait than its workers take', async () => {
    await publishAll(40);
    const { handler, open } = gated();
    const held = start(handler);
    try {
      await untilTaken(40);
      movedClock();
      expect(held.busy()).toBe(true);
    } finally {
      vi.restoreAllMocks();
      open();
    }
    await untilResults('applied', 40);
    movedClock();
    expect(held.busy()).toBe(false);
  });

  it('keep it busy for 250 ms longer: a sender of many pauses between them', async () => {
    const now = performance.now();
    clockAt(now);
    await publishAll(40);
    const { handler, open } = gated();
    const held = start(handler);
    try {
      await untilTaken(40);
    } finally {
      open();
    }
    await untilResults('applied', 40);
    clockAt(now + 249);
    expect(held.busy()).toBe(true);
    clockAt(now + 251);
    expect(held.busy()).toBe(false);
  });

  it('are each applied alone when their batch fails, and only the bad one is dead-lettered', async () => {
    await publishAll(100);
    const { handler, batches } = batchedNotes((n) => {
      if (n === 42) throw new Refusal('credits.expiry_past', 'never');
    });
    start(handler);
    await untilResults('applied', 99);
    await untilResults('dead', 1);
    expect(await written(servers.database.pool)).toEqual(numbers(100).filter((n) => n !== 42));
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toHaveLength(1);
    // The others of its batch were not redelivered.
    expect(await consumer?.results('again')).toBe(0);
    const [failed = [], ...later] = batches.filter((batch) => batch.includes(42));
    expect(failed.length).toBeGreaterThan(1);
    expect(later).toEqual([[42]]);
    for (const n of failed) expect(batches).toContainEqual([n]);
  });

  it('are each applied alone when their batch fails, and only the one that fails again is redelivered', async () => {
    await publishAll(100);
    let failures = 0;
    const { handler } = batchedNotes((n) => {
      if (n !== 42) return;
      failures += 1;
      if (failures < 3) throw new Error('not yet');
    });
    start(handler);
    await untilResults('applied', 100);
    expect(await written(servers.database.pool)).toEqual(numbers(100));
    expect(await consumer?.results('again')).toBe(1);
    expect(await consumer?.results('duplicate')).toBe(0);
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toEqual([]);
  });

  it('are each applied alone when one of them waits too long for a lock', async () => {
    await publishAll(100);
    const lockTimeout = Object.assign(new DatabaseError('canceling', 0, 'error'), {
      code: '55P03',
    });
    let failures = 0;
    const { handler } = batchedNotes((n) => {
      if (n !== 42) return;
      failures += 1;
      if (failures < 3) throw lockTimeout;
    });
    start(handler);
    await untilResults('applied', 100);
    expect(await written(servers.database.pool)).toEqual(numbers(100));
    expect(await consumer?.results('again')).toBe(1);
  });

  it('are each applied alone when it cannot be found out which can share a transaction', async () => {
    await publishAll(60);
    const { handler, batches } = batchedNotes(undefined, {
      findBatchable: () => Promise.reject(new Error('no idea')),
    });
    start(handler);
    await untilResults('applied', 60);
    expect(await written(servers.database.pool)).toEqual(numbers(60));
    expect(batches.every((batch) => batch.length === 1)).toBe(true);
    expect(await consumer?.results('again')).toBe(0);
  });

  it('are redelivered, not applied alone, when PostgreSQL is unavailable to their batch', async () => {
    await publishAll(40);
    const unavailable = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    let isDown = true;
    const { handler, batches } = batchedNotes(() => {
      if (isDown) throw unavailable;
    });
    start(handler);
    await untilResults('again', 40);
    isDown = false;
    await untilResults('applied', 40);
    expect(await written(servers.database.pool)).toEqual(numbers(40));
    expect(batches.some((batch) => batch.length > 1)).toBe(true);
    // None was tried in more than one transaction per delivery.
    expect(batches.flat()).toHaveLength(40 + ((await consumer?.results('again')) ?? 0));
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toEqual([]);
  });

  it('are applied once though all of them are redelivered', async () => {
    await publishAll(60);
    const first = start(batchedNotes().handler);
    await untilResults('applied', 60);
    await first.stop();
    const manager = await servers.nc.jetstreamManager();
    await manager.consumers.delete(notes.stream, notes.durable);
    start(batchedNotes().handler);
    await untilResults('duplicate', 60);
    expect(await written(servers.database.pool)).toEqual(numbers(60));
  });

  it('are applied once when a batch has one of them twice', async () => {
    const { handler } = batchedNotes();
    const { pool } = servers.database;
    const epoch = await readEpoch(pool);
    const item = (messageId: string, n: number, of = epoch): ReadItem<Note, string> => ({
      ...{ messageId, epoch: of, body: { n }, target: 'a note' },
    });
    const outcomes = await applyBatch(testEngine(pool), handler, [
      ...[item('one', 1), item('two', 2), item('one', 1)],
      ...[item('old', 3, epoch - 1n), item('two', 2)],
    ]);
    expect(outcomes).toEqual(['applied', 'applied', 'duplicate', 'other_epoch', 'duplicate']);
    expect(await written(pool)).toEqual([1, 2]);
  });

  it('of another epoch, and unreadable ones, do not affect the others', async () => {
    const epoch = (await readEpoch(servers.database.pool)) - 1n;
    for (const n of numbers(60)) {
      if (n % 3 === 0) await publishMessage(servers.nc, servers.database.pool, { n }, { epoch });
      else
        await publishMessage(
          servers.nc,
          servers.database.pool,
          n % 3 === 1 ? { n } : { n: 'none' },
        );
    }
    start(batchedNotes().handler);
    await untilResults('applied', 20);
    await untilResults('other_epoch', 20);
    await untilResults('dead', 20);
    expect(await written(servers.database.pool)).toEqual(numbers(60).filter((n) => n % 3 === 1));
  });

  it('are applied alone where they cannot share a transaction', async () => {
    await publishAll(60);
    const { handler, batches } = batchedNotes(undefined, {
      findBatchable: (_db, all) =>
        Promise.resolve(all.map(({ n }) => (n % 2 === 0 ? 'a note' : undefined))),
    });
    start(handler);
    await untilResults('applied', 60);
    expect(await written(servers.database.pool)).toEqual(numbers(60));
    const shared = batches.filter((batch) => batch.length > 1);
    expect(shared.length).toBeGreaterThan(0);
    expect(shared.flat().every((n) => n % 2 === 0)).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { Refusal } from '../../../../domain/refusal.js';
import { applyBatch } from '../../../../services/relay/consumer/apply-once.js';
import type {
  BatchItem,
  BatchHandler,
  MessageHandler,
} from '../../../../services/relay/consumer/message-handler.js';
import type { ReadMessage } from '../../../../services/relay/consumer/dedupe.js';
import { createLatch } from '../../../support/latch.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  createNotes,
  type Note,
  notes,
  startConsumer,
  tell,
  testEngine,
  type TestConsumer,
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

/** Notes that may be written down together; `groups` are the numbers of each transaction that was tried. */
interface Companionable {
  readonly handler: MessageHandler<Note, undefined, string> & {
    readonly company: BatchHandler<Note, string>;
  };
  readonly groups: number[][];
}

function companionable(overrides: Partial<BatchHandler<Note, string>> = {}): Companionable {
  const groups: number[][] = [];
  const company: BatchHandler<Note, string> = {
    find: (_db, facts) => Promise.resolve(facts.map(() => 'a note')),
    apply: async (tx, companions) => {
      groups.push(companions.map(({ fact: { n } }) => n));
      for (const { fact } of companions) await notes.apply(tx, fact);
      return companions.map(() => 'applied' as const);
    },
    ...overrides,
  };
  const { stream, durable, subjects = [], parse, apply } = notes;
  const alone: MessageHandler<Note, undefined, string>['apply'] = (tx, fact) => apply(tx, fact);
  return { handler: { stream, durable, subjects, parse, apply: alone, company }, groups };
}

type Told = BatchItem<Note, string> & ReadMessage<Note>;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

async function tellAll(count: number): Promise<void> {
  await Promise.all(numbers(count).map((n) => tell(servers.nc, servers.database.pool, { n })));
}

/** Applies nothing, neither alone nor in company, before it is opened. */
function gated(): Pick<Companionable, 'handler'> & { readonly open: () => void } {
  const { open, opened } = createLatch();
  const { handler } = companionable({
    apply: (_tx, companions) => opened.then(() => companions.map(() => 'applied' as const)),
  });
  const apply: typeof handler.apply = () => opened.then(() => 'applied' as const);
  return { handler: { ...handler, apply }, open };
}

function untilInHand(count: number): Promise<boolean> {
  return waitUntil(`${count} are in hand`, async () => {
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

const start = ({ handler }: Pick<Companionable, 'handler'>): TestConsumer =>
  (consumer = startConsumer(servers.nc, servers.database, () => handler));

function untilResults(result: string, count: number): Promise<boolean> {
  return waitUntil(
    `${count} ${result}`,
    async () => ((await consumer?.results(result)) ?? 0) >= count,
    20_000,
  );
}

describe('facts that wait', () => {
  it('are applied together, once each', async () => {
    await tellAll(200);
    const notable = companionable();
    start(notable);
    await untilResults('applied', 200);
    expect(await written(servers.database.pool)).toEqual(numbers(200));
    expect(notable.groups.length).toBeLessThan(100);
    expect(Math.max(...notable.groups.map((group) => group.length))).toBeLessThanOrEqual(16);
  });

  it('keep the consumer busy for as long as more of them wait than its lanes take', async () => {
    await tellAll(40);
    const { handler, open } = gated();
    const held = start({ handler });
    try {
      await untilInHand(40);
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

  it('keep it busy for a moment longer: who tells many makes pauses', async () => {
    const now = performance.now();
    clockAt(now);
    await tellAll(40);
    const { handler, open } = gated();
    const held = start({ handler });
    try {
      await untilInHand(40);
    } finally {
      open();
    }
    await untilResults('applied', 40);
    clockAt(now + 249);
    expect(held.busy()).toBe(true);
    clockAt(now + 251);
    expect(held.busy()).toBe(false);
  });

  it('are applied one by one when one of them cannot be, and that one is buried', async () => {
    await tellAll(100);
    const refuse = (n: number): void => {
      if (n === 42) throw new Refusal('credits.expiry_past', 'never');
    };
    const notable = companionable({
      apply: async (tx, companions) => {
        for (const { fact } of companions) {
          await notes.apply(tx, fact);
          refuse(fact.n);
        }
        return companions.map(() => 'applied' as const);
      },
    });
    const { handler } = notable;
    const apply: typeof handler.apply = (tx, fact) => {
      refuse(fact.n);
      return handler.apply(tx, fact);
    };
    start({ ...notable, handler: { ...handler, apply } });
    await untilResults('applied', 99);
    await untilResults('dead', 1);
    expect(await written(servers.database.pool)).toEqual(numbers(100).filter((n) => n !== 42));
    expect(await messagesOf(servers.nc, 'DEADLETTERS')).toHaveLength(1);
    // Those with it did not have to be delivered a second time.
    expect(await consumer?.results('again')).toBe(0);
  });

  it('are applied once though all of them are delivered again', async () => {
    await tellAll(60);
    const first = start(companionable());
    await untilResults('applied', 60);
    await first.stop();
    const manager = await servers.nc.jetstreamManager();
    await manager.consumers.delete(notes.stream, notes.durable);
    start(companionable());
    await untilResults('duplicate', 60);
    expect(await written(servers.database.pool)).toEqual(numbers(60));
  });

  it('of one message are applied once within a company too', async () => {
    const { handler } = companionable();
    const epoch = await readEpoch(servers.database.pool);
    const fact = (messageId: string, n: number, of = epoch): Told => ({
      ...{ messageId, epoch: of, fact: { n }, about: 'a note' },
    });
    const outcomes = await applyBatch(
      testEngine(servers.database.pool),
      notes.durable,
      handler.company,
      [fact('one', 1), fact('two', 2), fact('one', 1), fact('old', 3, epoch - 1n), fact('two', 2)],
    );
    expect(outcomes).toEqual(['applied', 'applied', 'duplicate', 'other_epoch', 'duplicate']);
    expect(await written(servers.database.pool)).toEqual([1, 2]);
  });

  it('of another epoch, and those that nobody can read, do not disturb the others', async () => {
    const epoch = (await readEpoch(servers.database.pool)) - 1n;
    for (const n of numbers(60)) {
      if (n % 3 === 0) await tell(servers.nc, servers.database.pool, { n }, { epoch });
      else await tell(servers.nc, servers.database.pool, n % 3 === 1 ? { n } : { n: 'none' });
    }
    start(companionable());
    await untilResults('applied', 20);
    await untilResults('other_epoch', 20);
    await untilResults('dead', 20);
    expect(await written(servers.database.pool)).toEqual(numbers(60).filter((n) => n % 3 === 1));
  });

  it('are applied alone where they have to be', async () => {
    await tellAll(60);
    const notable = companionable({
      find: (_db, facts) =>
        Promise.resolve(facts.map(({ n }) => (n % 2 === 0 ? 'a note' : undefined))),
    });
    start(notable);
    await untilResults('applied', 60);
    expect(await written(servers.database.pool)).toEqual(numbers(60));
    expect(notable.groups.flat().every((n) => n % 2 === 0)).toBe(true);
  });
});

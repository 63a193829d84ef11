import type { NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServers, type Servers } from '../../../../services/cli/servers/start-servers.js';
import { natsDestination } from '../../../../services/relay/outbox/nats-destination.js';
import { temporalDestination } from '../../../../services/relay/outbox/temporal-destination.js';
import { watchConnection } from '../../../../services/shared/nats.js';
import { temporaryDataFolder } from '../../../support/shared-servers.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  createNotes,
  notes,
  notesAppliedBy,
  publishMessage,
  startConsumer,
  writeNote,
  written,
} from './consumer-fixture.helper.js';
import {
  freshStreams,
  insertRow,
  logger,
  natsForTest,
  relayDatabase,
  startLoop,
  unpublished,
  type Database,
} from './fixture.helper.js';
import { messagesOf } from './messages.helper.js';
import { NAMESPACE, start, temporalForTest, testStart } from './temporal.helper.js';

/** NATS and Temporal of this file's own, to be stopped and emptied. */
let servers: Servers;
let database: Database;
let nc: NatsConnection;
let isConnected: () => boolean;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const { dataDir, remove } = await temporaryDataFolder(() => undefined);
  cleanups.push(remove);
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['NATS_URL'];
  delete env['TEMPORAL_ADDRESS'];
  servers = await startServers({ dataDir, durable: true, env, report: () => undefined });
  cleanups.push(() => servers.stop());
  database = await relayDatabase();
  cleanups.push(() => database.close());
  nc = await natsForTest(servers.natsUrl);
  isConnected = watchConnection(nc);
  cleanups.push(() => nc.close());
});

const all = Array.from({ length: 100 }, (_, n) => n);
const perTest: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  await waitUntil('NATS is connected again', isConnected);
  await freshStreams(nc);
  await database.pool.query('truncate outbox');
});

afterEach(async () => {
  for (const cleanup of perTest.splice(0).reverse()) await cleanup();
});

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

function startNatsLoop(): void {
  const loop = startLoop(database, natsDestination(nc));
  perTest.push(() => loop.stop());
}

function startTemporalLoop(): ReturnType<typeof temporalForTest> {
  const client = temporalForTest(servers.temporalAddress);
  const loop = startLoop(database, temporalDestination(client, NAMESPACE, logger));
  perTest.push(() => client.connection.close());
  perTest.push(() => loop.stop());
  return client;
}

const untilLeft = (rows: number): Promise<boolean> =>
  waitUntil(
    `${rows} rows are left`,
    async () => (await unpublished(database.pool)) === rows,
    30_000,
  );

async function attempts(): Promise<number> {
  const { rows } = await database.pool.query<{ most: number }>(
    'select max(attempts) as most from outbox',
  );
  return rows[0]?.most ?? 0;
}

function insertEvents(count: number): Promise<unknown> {
  return Promise.all(
    Array.from({ length: count }, (_, n) =>
      insertRow(database.pool, { key: `k/${n % 5}`, subject: 'actions.zap.paid', payload: { n } }),
    ),
  );
}

describe('NATS', () => {
  it('that is stopped does not hold up Temporal, and delivery continues once it is back', async () => {
    startNatsLoop();
    const client = startTemporalLoop();
    await insertEvents(5);
    await untilLeft(0);
    await servers.nats.stop();
    await insertEvents(50);
    const workflow = testStart();
    await start(database.pool, workflow);
    await untilLeft(50);
    expect((await client.workflow.getHandle(workflow.workflowId).describe()).runId).not.toBe('');
    await servers.nats.start();
    await untilLeft(0);
    // NATS as a whole was down: no row counts a failed attempt.
    expect(await attempts()).toBe(0);
    expect(await messagesOf(nc, 'ACTIONS')).toHaveLength(55);
  });

  it('that loses its data gets its streams and consumers again', async () => {
    startNatsLoop();
    await createNotes(database.pool);
    const consumer = startConsumer(nc, database, notes);
    perTest.push(() => consumer.stop());
    await insertEvents(5);
    await publishMessage(nc, database.pool, { n: 1 });
    await untilLeft(0);
    await waitUntil(
      'the first is applied',
      async () => (await written(database.pool)).length === 1,
    );
    await servers.nats.empty?.();
    await insertEvents(5);
    await untilLeft(0);
    expect(await messagesOf(nc, 'ACTIONS')).toHaveLength(5);
    await waitUntil('messages are accepted again', async () =>
      publishMessage(nc, database.pool, { n: 2 }, { messageId: 'second' }).then(
        () => true,
        () => false,
      ),
    );
    await waitUntil(
      'the second is applied',
      async () => (await written(database.pool)).includes(2),
      30_000,
    );
    expect(await written(database.pool)).toEqual([1, 2]);
  });

  it('that is killed meanwhile delivers messages that are applied once each', async () => {
    await createNotes(database.pool);
    let killed: Promise<void> | undefined;
    const killing = notesAppliedBy((tx, note) => {
      if (note.n === 50) killed ??= servers.nats.kill();
      return writeNote(tx, note);
    });
    const consumer = startConsumer(nc, database, killing);
    perTest.push(() => consumer.stop());
    await Promise.all(all.map((n) => publishMessage(nc, database.pool, { n })));
    await waitUntil('it is killed', () => killed !== undefined);
    await killed;
    await servers.nats.start();
    await waitUntil(
      'all are applied',
      async () => (await written(database.pool)).length >= all.length,
      50_000,
    );
    expect(await written(database.pool)).toEqual(all);
  });
});

describe('Temporal', () => {
  it('that is stopped does not hold up NATS, and no start is lost', async () => {
    startNatsLoop();
    const client = startTemporalLoop();
    const before = testStart();
    await start(database.pool, before);
    await untilLeft(0);
    await servers.temporal.stop();
    const during = [testStart(), testStart(), testStart()];
    for (const workflow of during) await start(database.pool, workflow);
    await insertEvents(5);
    await untilLeft(during.length);
    await servers.temporal.start();
    await untilLeft(0);
    expect(await attempts()).toBe(0);
    for (const { workflowId } of [before, ...during]) {
      const { status } = await client.workflow.getHandle(workflowId).describe();
      expect(status.name).toBe('RUNNING');
    }
  });

  it('that loses its data gets the search attributes again', async () => {
    const client = startTemporalLoop();
    await start(database.pool, testStart());
    await untilLeft(0);
    await servers.temporal.empty?.();
    const workflow = testStart();
    await start(database.pool, workflow);
    await untilLeft(0);
    const found = await client.workflow.getHandle(workflow.workflowId).describe();
    expect(found.typedSearchAttributes.getAll()).toHaveLength(2);
  });
});

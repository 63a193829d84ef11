import type { NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STREAMS } from '../../../../domain/names/subjects.js';
import { deliverBatch } from '../../../../services/relay/outbox/deliver-batch.js';
import type { Destination } from '../../../../services/relay/outbox/destination.js';
import { natsDestination } from '../../../../services/relay/outbox/nats-destination.js';
import { ensureStreams } from '../../../../services/shared/streams.js';
import { NatsCluster } from '../../../support/nats-cluster.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  type Database,
  insertRow,
  natsForTest,
  relayDatabase,
  startLoop,
} from './fixture.helper.js';

const ACTIONS = 'ACTIONS';
/** On another server. */
const OTHER = 'CREDITS';

let cluster: NatsCluster;
let nc: NatsConnection;
let database: Database;
let destination: Destination;

beforeAll(async () => {
  cluster = await NatsCluster.start();
  database = await relayDatabase();
  nc = await natsForTest(cluster.url);
  destination = natsDestination(nc);
  const manager = await nc.jetstreamManager();
  for (const [name, server] of [
    [ACTIONS, 'a'],
    [OTHER, 'b'],
  ] as const) {
    const subjects = [...STREAMS[name].subjects];
    await manager.streams.add({ name, subjects, placement: { cluster: 'test', tags: [server] } });
  }
  await ensureStreams(nc);
  // It had one copy.
  await cluster.signal('a', 'SIGKILL');
  await waitUntil('the client is connected to another', () =>
    nc.rtt().then(
      () => true,
      () => false,
    ),
  );
}, 60_000);
afterAll(async () => {
  await nc.close();
  await cluster.stop();
  await database.close();
});

const isPublished = async (id: bigint): Promise<boolean> => {
  const { rows } = await database.pool.query(
    'select from outbox where id = $1 and published_at is not null',
    [id],
  );
  return rows.length === 1;
};

/** Seconds until the row is tried again. */
async function waitsFor(id: bigint): Promise<number> {
  const { rows } = await database.pool.query<{ seconds: number }>(
    `select extract(epoch from available_at - clock_timestamp())::float8 as seconds from only outbox where id = $1`,
    [id],
  );
  return rows[0]?.seconds ?? Number.NaN;
}

/** An event for the stream without a leader, beside one that can be published. */
async function deliverBeside(attempts: number): Promise<bigint> {
  const id = await insertRow(database.pool, {
    key: `lost ${attempts}`,
    subject: 'actions.zap.paid',
  });
  await database.pool.query('update outbox set attempts = $2 where id = $1', [id, attempts]);
  const other = await insertRow(database.pool, {
    key: `kept ${attempts}`,
    subject: 'credits.x.granted',
  });
  const { failed } = await deliverBatch(database.pool, destination);
  expect(failed.map(({ row, unavailable }) => [row.id, unavailable])).toContainEqual([id, true]);
  expect(await isPublished(other)).toBe(true);
  return id;
}

it('an event for a stream without a leader is tried again within a second', async () => {
  expect(await waitsFor(await deliverBeside(10))).toBeLessThanOrEqual(1);
});

it('an event that no try could deliver for long is left out longer, so that it cannot hold up the others', async () => {
  expect(await waitsFor(await deliverBeside(20))).toBeGreaterThan(5);
});

it('a relay that starts meanwhile publishes to the other streams, and to this one when it has its leader', async () => {
  await database.pool.query('truncate outbox');
  const waiting = await insertRow(database.pool, { key: 'lost', subject: 'actions.zap.paid' });
  const other = await insertRow(database.pool, { key: 'kept', subject: 'credits.x.granted' });
  const loop = startLoop(database, destination);
  try {
    await waitUntil('the other is published', () => isPublished(other));
    expect(await isPublished(waiting)).toBe(false);
    cluster.startServer('a');
    await waitUntil('it is published', () => isPublished(waiting), 60_000);
  } finally {
    await loop.stop();
  }
});

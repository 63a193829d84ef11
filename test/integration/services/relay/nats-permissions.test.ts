import { randomUUID } from 'node:crypto';
import { Events, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry } from 'prom-client';
import { readEpoch } from '../../../../db/installation.js';
import { EventFeed } from '../../../../services/api/satellite/event-feed.js';
import { followEvents } from '../../../../services/api/satellite/follow-events.js';
import { Speed } from '../../../../services/ground-station/speed.js';
import { Misses } from '../../../../services/ground-station/misses.js';
import { Station } from '../../../../services/ground-station/station.js';
import { publishEvent } from '../../../../services/lightning/watcher/publish-event.js';
import { confirmations } from '../../../../services/relay/consumer/confirmations.js';
import { intake } from '../../../../services/relay/consumer/intake.js';
import { cancellations, payments } from '../../../../services/relay/consumer/payments.js';
import { natsDestination } from '../../../../services/relay/outbox/nats-destination.js';
import { type DeadLetter, readDeadLetters } from '../../../../services/shared/dead-letters/read.js';
import { replayDeadLetter } from '../../../../services/shared/dead-letters/replay.js';
import { registerStreamMetrics } from '../../../../services/shared/metrics-streams.js';
import { connectNats } from '../../../../services/shared/nats.js';
import { NATS_USERS } from '../../../../services/shared/nats-access/permissions.js';
import { passwordVariable } from '../../../../services/shared/nats-access/server-config.js';
import { ensureStreams } from '../../../../services/shared/streams.js';
import { toMsat } from '../../../../domain/money.js';
import { type OwnNats, startOwnNats } from '../../../support/nats-server.js';
import { testKeys } from '../../../support/signers.js';
import { waitUntil } from '../../../support/wait-until.js';
import { publishMessage, startConsumer, type TestConsumer } from './consumer-fixture.helper.js';
import {
  type Database,
  insertRow,
  relayDatabase,
  startLoop,
  unpublished,
} from './fixture.helper.js';

const logger = pino({ level: 'silent' });
const keys = testKeys();
const HASH = 'ab'.repeat(32);
/** As the relay publishes it. */
const startedEvent = (uuid: string) => ({
  ...{ uuid, bid: 1000, unpaid_bid: 0, bid_per_byte: 10, message_size: 100 },
  ...{ message_digest: HASH, status: 'transmitting', created_at: '2026-01-01 00:00:00' },
  ...{ cancelled_at: null, started_transmission_at: null, ended_transmission_at: null },
  ...{ tx_seq_num: 1, regions: [0] },
});

let server: OwnNats;
let database: Database;
const connections = new Map<string, NatsConnection>();
const consumers: TestConsumer[] = [];

beforeAll(async () => {
  const passwords = NATS_USERS.map((user) => [passwordVariable(user), `pw-${user.name}`] as const);
  server = await startOwnNats('include ./users.conf', Object.fromEntries(passwords));
  database = await relayDatabase();
  for (const { name } of NATS_USERS) connections.set(name, await connectAs(name));
});
afterAll(async () => {
  for (const consumer of consumers) await consumer.stop();
  for (const nc of connections.values()) await nc.close();
  await database.close();
  await server.stop();
});

function connectAs(name: string, natsPassword = `pw-${name}`): Promise<NatsConnection> {
  const config = { natsUrl: `nats://127.0.0.1:${server.port}`, natsUser: name, natsPassword };
  return connectNats(config, logger, name, { waitForServer: false });
}

function as(name: string): NatsConnection {
  const nc = connections.get(name);
  if (nc === undefined) throw new Error(`${name} is not connected`);
  return nc;
}

describe('a server with the permissions of deploy/nats', () => {
  it('lets nobody in without a password', async () => {
    await expect(connectAs('relay', 'wrong')).rejects.toThrow();
    const url = `nats://127.0.0.1:${server.port}`;
    await expect(
      connectNats({ natsUrl: url }, logger, 'relay', { waitForServer: false }),
    ).rejects.toThrow();
  });

  it('only the relay makes streams', async () => {
    await expect(ensureStreams(as('lightning'), ['PAYMENTS'])).rejects.toThrow(/[Pp]ermission/);
    await ensureStreams(as('relay'));
    await ensureStreams(as('lightning'), ['PAYMENTS']);
  });

  it('the relay publishes the outbox, and sees its streams', async () => {
    const loop = startLoop(database, natsDestination(as('relay')));
    for (const subject of [
      'actions.zap.paid',
      'transmissions.1.ended',
      'credits.actions.expired',
    ]) {
      await insertRow(database.pool, { key: subject, subject });
    }
    await waitUntil('they are published', async () => (await unpublished(database.pool)) === 0);
    await loop.stop();
    const registry = new Registry();
    registerStreamMetrics(registry, logger, await as('relay').jetstreamManager());
    expect(await registry.metrics()).toContain('quittance_dead_letters 0');
  });

  it('lightning publishes what the relay takes', async () => {
    consumers.push(startConsumer(as('relay'), database, payments));
    consumers.push(startConsumer(as('relay'), database, cancellations));
    await publishEvent(
      {
        ...{ jetStream: as('lightning').jetstream(), logger, epoch: 1n, node: 'a node' },
        signingKey: keys.signer.key,
      },
      {
        ...{ type: 'invoice', hash: HASH, state: 'settled', receivedMsat: toMsat(1n) },
        ...{ cursor: 1n, at: new Date() },
      },
      AbortSignal.timeout(10_000),
    );
    await waitUntil('it is taken', async () => (await consumers[0]?.results('other_epoch')) === 1);
  });

  it('the api follows what is shown on event streams', async () => {
    const feed = new EventFeed();
    const seen: string[] = [];
    feed.subscribe(({ order }) => seen.push(order.uuid));
    const reads = database.pool;
    const follower = followEvents({ nc: as('api'), reads, feed, logger });
    await follower.ready;
    const uuid = randomUUID();
    const epoch = await readEpoch(database.pool);
    const subject = 'transmissions.1.started';
    await publishMessage(as('relay'), database.pool, startedEvent(uuid), { subject, epoch });
    await waitUntil('it is seen', () => Promise.resolve(seen.includes(uuid)));
    await follower.stop();
  });

  it('a ground station reads and confirms', async () => {
    const station = new Station({
      ...{ nc: as('ground-station'), js: as('ground-station').jetstream(), logger, region: 3 },
      ...{
        apiUrl: 'http://127.0.0.1:1',
        speed: new Speed(1),
        confirms: 'nats',
        misses: new Misses(),
      },
      onOutcome: () => undefined,
    });
    await station.start();
    await station.stop();
    consumers.push(startConsumer(as('relay'), database, confirmations));
    const body = { uuid: randomUUID(), txSeqNum: 1, region: 3, at: new Date().toISOString() };
    const subject = 'confirmations.tx.3';
    await publishMessage(as('ground-station'), database.pool, body, { subject });
    await waitUntil('it is taken', async () => (await consumers.at(-1)?.results('unknown')) === 1);
  });

  it('operators read dead letters and replay them', async () => {
    consumers.push(startConsumer(as('relay'), database, intake));
    await publishMessage(as('relay'), database.pool, {}, { subject: 'intake.shop.order' });
    await waitUntil('it is refused', async () => (await consumers.at(-1)?.results('dead')) === 1);
    const js = as('cli').jetstream();
    const manager = await as('cli').jetstreamManager();
    const letters: DeadLetter[] = [];
    for await (const letter of readDeadLetters(js, manager)) letters.push(letter);
    for (const letter of letters) await replayDeadLetter(js, manager, letter);
    await waitUntil('it is refused', async () => (await consumers.at(-1)?.results('dead')) === 2);
  });

  it('gives each user what its table says and nothing else', async () => {
    const subjects = [...new Set(NATS_USERS.flatMap(({ publish }) => publish))].map(exampleOf);
    const inboxes = [
      ...NATS_USERS.flatMap(({ subscribe }) => subscribe),
      '>',
      '_INBOX.>',
      'payments.>',
    ];
    for (const { name, publish, subscribe } of NATS_USERS) {
      const nc = await connectAs(name);
      const denied = collectDenied(nc);
      for (const subject of subjects) nc.publish(subject, 'not a request');
      for (const subject of inboxes) nc.subscribe(subject);
      await nc.flush();
      const wanted = [
        ...subjects.filter((subject) => !publish.some((pattern) => matches(pattern, subject))),
        ...inboxes.filter((inbox) => !subscribe.includes(inbox)),
      ];
      await waitUntil(`${name} is denied the others`, () => denied.size >= wanted.length);
      expect([...denied].sort()).toEqual([...wanted].sort());
      await nc.close();
    }
  });
});

/** A subject that the pattern matches. */
function exampleOf(pattern: string): string {
  return pattern.replaceAll(/[*>]/g, 'x');
}

function matches(pattern: string, subject: string): boolean {
  const [wanted, given] = [pattern.split('.'), subject.split('.')];
  const open = wanted.at(-1) === '>';
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((token, n) => token === '*' || token === '>' || token === given[n]);
}

/** Grows with each subject that the server denies. */
function collectDenied(nc: NatsConnection): Set<string> {
  const denied = new Set<string>();
  void (async () => {
    for await (const { type, permissionContext } of nc.status()) {
      if (type === Events.Error && permissionContext !== undefined) {
        denied.add(permissionContext.subject);
      }
    }
  })();
  return denied;
}

import type { NatsConnection } from 'nats';
import { pino } from 'pino';
import pg from 'pg';
import { EPOCH_HEADER } from '../../../../domain/names/subjects.js';
import { runWatcher } from '../../../../services/lightning/watcher.js';
import { waitUntil } from '../../../support/wait-until.js';
import { type Fixture, ordinary } from '../../simulators/lightning/fixture.helper.js';

export interface RunningWatcher {
  readonly watching: () => boolean;
  /** Like SIGTERM. */
  stop(): Promise<void>;
}

export const EPOCH = 42n;

/** A watcher as services/lightning/main.ts runs it, in this process. */
export async function startWatcher(
  fixture: Fixture,
  nats: NatsConnection,
): Promise<RunningWatcher> {
  const stopping = new AbortController();
  let watching = false;
  const { publicKey } = await fixture.sim.node.info();
  const running = runWatcher(
    {
      port: fixture.sim.node,
      node: publicKey,
      connectionString: fixture.databaseUrl,
      jetStream: nats.jetstream(),
      epoch: EPOCH,
      logger: pino({ level: 'silent' }),
      retryMs: 100,
      onWatching: (now) => void (watching = now),
    },
    stopping.signal,
  );
  return {
    watching: () => watching,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

export interface StoredMessage {
  readonly subject: string;
  readonly id: string | undefined;
  readonly epoch: string | undefined;
  readonly body: unknown;
}

/** What JetStream has stored for a payment hash, in order. */
export async function storedFor(nats: NatsConnection, hash: string): Promise<StoredMessage[]> {
  const consumer = await nats
    .jetstream()
    .consumers.get('PAYMENTS', { filterSubjects: [`payments.*.${hash}.*`] });
  const { num_pending: count } = await consumer.info();
  const messages: StoredMessage[] = [];
  if (count === 0) return messages;
  for await (const message of await consumer.fetch({ max_messages: count })) {
    messages.push({
      subject: message.subject,
      id: message.headers?.get('Nats-Msg-Id'),
      epoch: message.headers?.get(EPOCH_HEADER),
      body: message.json<unknown>(),
    });
  }
  return messages;
}

export async function storedCursor(fixture: Fixture): Promise<bigint> {
  const cursor = await query(fixture, 'select max(cursor)::text as value from lightning_cursors');
  return BigInt(cursor ?? '0');
}

/** As if another watcher had published up to here and died. */
export async function moveCursor(fixture: Fixture, to: bigint): Promise<void> {
  await query(
    fixture,
    `update lightning_cursors set cursor = ${to} returning cursor::text as value`,
  );
}

/** Waits until the watcher has published all there is. */
export function caughtUp(fixture: Fixture): Promise<boolean> {
  return waitUntil('the watcher to catch up', async () => {
    const { lastCursor } = await fixture.sim.node.info();
    return (await storedCursor(fixture)) === lastCursor;
  });
}

/** Breaks the connection that holds the lock, as a failing server or network would. */
export async function breakLock(fixture: Fixture): Promise<void> {
  await query(
    fixture,
    `select pg_terminate_backend(pid)::text as value from pg_locks
      where locktype = 'advisory' and granted and database = (
        select oid from pg_database where datname = current_database())`,
  );
}

/** Pays an invoice of the node; gives its hash. */
export async function payOne(fixture: Fixture): Promise<string> {
  const { bolt11, hash } = await ordinary(fixture);
  await fixture.sim.wallets.pay('alice', bolt11);
  return hash;
}

async function query({ databaseUrl }: Fixture, sql: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ value: string | null }>(sql);
    return rows[0]?.value ?? undefined;
  } finally {
    await client.end();
  }
}

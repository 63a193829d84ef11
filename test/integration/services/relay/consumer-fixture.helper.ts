import type { NatsConnection } from 'nats';
import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { Registry } from 'prom-client';
import { z } from 'zod';
import type { ApplyOutcome, EngineContext } from '../../../../engine/context.js';
import { readEpoch } from '../../../../db/installation.js';
import { StreamConsumer } from '../../../../services/relay/consumer/consumer.js';
import type { MessageHandler } from '../../../../services/relay/consumer/message-handler.js';
import { RelayMetrics } from '../../../../services/relay/metrics.js';
import { publish } from '../../../../services/shared/publish.js';
import type { PublicKeys } from '../../../../services/shared/signatures/keys.js';
import type { Signer } from '../../../../services/shared/signatures/signature.js';
import { ENGINE_SETTINGS } from '../../../support/engine-settings.js';
import { createTestNode } from '../../engine/transmissions/test-node.helper.js';
import { counter, logger, testPool, type Database } from './fixture.helper.js';

const note = z.object({ n: z.int() });
export type Note = z.output<typeof note>;

/** Messages of a kind that only tests have, applied one after the other by `applyOne`. */
export function notesAppliedBy(
  applyOne: (tx: ClientBase, note: Note) => Promise<ApplyOutcome>,
): MessageHandler<Note> {
  return {
    stream: 'INTAKE',
    subjects: ['intake.test.>'],
    durable: 'test-notes',
    parse: (body) => note.parse(body),
    findTarget: () => Promise.resolve(undefined),
    apply: async (_engine, tx, items) => {
      const outcomes: ApplyOutcome[] = [];
      for (const { body } of items) outcomes.push(await applyOne(tx, body));
      return outcomes;
    },
  };
}

/** Writes the note's number down, as often as the note is applied. */
export async function writeNote(tx: ClientBase, { n }: Note): Promise<ApplyOutcome> {
  await tx.query('insert into notes values ($1)', [n]);
  return 'applied';
}

export const notes = notesAppliedBy(writeNote);

export function createNotes(pool: Pool): Promise<unknown> {
  return pool.query(
    'create table if not exists notes (n integer); truncate notes, applied_messages',
  );
}

export async function written(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ n: number }>('select n from notes order by n');
  return rows.map(({ n }) => n);
}

export interface TestConsumer {
  readonly registry: Registry;
  results(result: string): Promise<number>;
  busy(): boolean;
  stop(): Promise<void>;
}

export function testEngine(pool: Pool): EngineContext {
  return { pool, node: createTestNode(), ...ENGINE_SETTINGS };
}

export function startConsumer<Body, Target>(
  nc: NatsConnection,
  { url }: Pick<Database, 'url'>,
  handler: MessageHandler<Body, Target>,
  publicKeys?: PublicKeys,
): TestConsumer {
  const pool = testPool(url, 'messages');
  const engine = testEngine(pool);
  const registry = new Registry();
  const metrics = new RelayMetrics(registry);
  const consumer = new StreamConsumer(handler, {
    ...{ nc, engine, logger, metrics },
    ...(publicKeys && { publicKeys }),
  });
  consumer.start();
  return {
    registry,
    results: (result) =>
      counter(registry, 'quittance_messages_total', { stream: handler.stream, result }),
    busy: () => consumer.busy,
    stop: async () => {
      await consumer.stop();
      await pool.end();
    },
  };
}

export interface PublishOptions {
  readonly subject?: string;
  readonly messageId?: string;
  readonly epoch?: bigint;
  readonly signer?: Signer;
}

/** Publishes as our services do. */
export async function publishMessage(
  nc: NatsConnection,
  pool: Pool,
  body: unknown,
  { subject = 'intake.test.note', messageId = randomUUID(), epoch, signer }: PublishOptions = {},
): Promise<void> {
  const current = epoch ?? (await readEpoch(pool));
  await publish(nc.jetstream(), { subject, body, messageId, epoch: current }, signer);
}

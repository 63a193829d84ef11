import fc from 'fast-check';
import { headers } from 'nats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { EPOCH_HEADER } from '../../../../domain/names/subjects.js';
import { confirmations } from '../../../../services/relay/consumer/confirmations.js';
import { intake } from '../../../../services/relay/consumer/intake.js';
import type { MessageHandler } from '../../../../services/relay/consumer/message-handler.js';
import { cancellations, payments } from '../../../../services/relay/consumer/payments.js';
import { MESSAGE_ID_HEADER } from '../../../../services/shared/messages/raw-message.js';
import { brokenRules } from '../../../support/books.js';
import { waitUntil } from '../../../support/wait-until.js';
import { publishMessage, startConsumer, type TestConsumer } from './consumer-fixture.helper.js';
import { useServers } from './fixture.helper.js';

/** Messages of each consumer: a fixed budget. */
const MESSAGES = 150;
const SECONDS = 20;

const servers = useServers();
let epoch: string;
let consumer: TestConsumer;
beforeEach(async () => {
  epoch = String(await readEpoch(servers.database.pool));
});
afterEach(async () => {
  await consumer.stop();
  expect(await brokenRules(servers.database.pool)).toEqual([]);
});

const HASH = 'ab'.repeat(32);
const UUID = '6f1c2c4e-0000-4000-8000-000000000000';
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\0', '\ud800', '9'.repeat(30), '-1', '1', '1000', HASH, UUID, 'x'.repeat(9_000)),
  fc.constantFrom('settled', 'held', 'canceled', 'failed', '2026-11-01T00:00:00Z', '2026-02-30'),
);
const value = fc.oneof(text, fc.integer(), fc.double(), fc.jsonValue({ stringUnit: 'binary' }));
const FIELDS = {
  ...{ hash: HASH, at: '2026-11-01T00:00:00.000Z', node: 'a node', cursor: '7', state: 'settled' },
  ...{ receivedMsat: '1000', feeMsat: '1', uuid: UUID, txSeqNum: 1, region: 0, event: '1' },
};
/** Right but for a few fields. */
const nearly = fc
  .dictionary(fc.constantFrom(...Object.keys(FIELDS)), value)
  .map((fields) => ({ ...FIELDS, ...fields }));
const bytes = fc.oneof(
  { weight: 4, arbitrary: nearly.map((json) => Buffer.from(JSON.stringify(json))) },
  { weight: 1, arbitrary: value.map((json) => Buffer.from(JSON.stringify(json))) },
  { weight: 1, arbitrary: fc.uint8Array().map((raw) => Buffer.from(raw)) },
);
const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).map((id) => id.trim() || 'x');
const id = fc.oneof(
  { weight: 4, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: printable },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(6_000), 'é', '', '\u001b[2J') },
);
const arbitrary = fc.record({
  ...{ id, bytes, which: fc.nat(9) },
  epoch: fc.oneof(
    { weight: 5, arbitrary: fc.constant('ours') },
    { weight: 1, arbitrary: fc.constantFrom('', '1', 'x', '9'.repeat(40)) },
  ),
});

interface Door {
  readonly stream: string;
  readonly durable: string;
  readonly start: () => TestConsumer;
  readonly subjects: readonly string[];
  /** What is well formed, and of nothing of ours. */
  readonly good: object;
  readonly result: string;
}

const door = <Body, Target>(
  handler: MessageHandler<Body, Target>,
  subjects: readonly string[],
  good: object,
  result = 'unknown',
): Door => ({
  ...{ stream: handler.stream, durable: handler.durable, subjects, good, result },
  start: () => startConsumer(servers.nc, servers.database, handler),
});

const { hash, at, node, cursor, receivedMsat, uuid, txSeqNum, region } = FIELDS;
const seen = { hash, at, node, cursor, receivedMsat };
const DOORS: readonly Door[] = [
  door(
    payments,
    [`payments.invoice.${HASH}.settled`, `payments.invoice.x.held`, 'payments.outgoing.x.failed'],
    { ...seen, state: 'settled' },
  ),
  door(cancellations, [`payments.invoice.${HASH}.canceled`], { ...seen, state: 'canceled' }),
  door(confirmations, ['confirmations.tx.0', 'confirmations.rx.99'], {
    ...{ uuid, txSeqNum, region, at },
  }),
  door(intake, ['intake.shop.order', 'intake.x.y'], { event: '999999' }, 'known'),
];

describe('arbitrary messages', () => {
  it.each(DOORS)(
    'to $durable are answered once and for all, and what comes after them is applied',
    async ({ stream, durable, start, subjects, good, result }) => {
      const { nc, database } = servers;
      consumer = start();
      const seed = Date.now();
      const sample = fc.sample(arbitrary, { numRuns: MESSAGES, seed });
      for (const { id: messageId, bytes: data, epoch: sent, which } of sample) {
        const found = headers();
        for (const [name, given] of [
          [MESSAGE_ID_HEADER, messageId],
          [EPOCH_HEADER, sent === 'ours' ? epoch : sent],
        ] as const) {
          if (given !== '') found.set(name, given);
        }
        nc.publish(subjects[which % subjects.length] ?? '', data, { headers: found });
      }
      await nc.flush();
      await publishMessage(nc, database.pool, good, { subject: subjects[0] ?? '' });
      const manager = await nc.jetstreamManager();
      await waitUntil(
        `all are answered (seed ${seed})`,
        async () => {
          const info = await manager.consumers.info(stream, durable).catch(() => undefined);
          if (info === undefined || info.delivered.stream_seq === 0) return false;
          return info.num_pending + info.num_ack_pending === 0;
        },
        SECONDS * 1000,
      );
      const about = `seed ${seed}`;
      expect(await consumer.results(result), about).toBeGreaterThan(0);
      expect(await consumer.results('dead'), about).toBeGreaterThan(MESSAGES / 10);
      expect(await consumer.results('again'), about).toBe(0);
    },
  );
});

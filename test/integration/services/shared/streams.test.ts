import { AckPolicy, connect, DeliverPolicy, nanos, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureConsumer, ensureStreams } from '../../../../services/shared/streams.js';

const DURABLE = 'ensure-consumer-test';
const SETTINGS = {
  durable_name: DURABLE,
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: nanos(30_000),
  max_deliver: -1,
};

let nc: NatsConnection;

beforeAll(async () => {
  nc = await connect({ servers: process.env['NATS_URL'] ?? '' });
  await ensureStreams(nc);
});
afterAll(async () => {
  await (await nc.jetstreamManager()).consumers.delete('INTAKE', DURABLE);
  await nc.close();
});

it('a release with other settings updates the existing consumer', async () => {
  const manager = await nc.jetstreamManager();
  await ensureConsumer(manager, 'INTAKE', SETTINGS);
  await ensureConsumer(manager, 'INTAKE', SETTINGS);
  const changed = { ...SETTINGS, deliver_policy: DeliverPolicy.New, ack_wait: nanos(10_000) };
  await Promise.all([1, 2, 3].map(() => ensureConsumer(manager, 'INTAKE', changed)));
  const { config } = await manager.consumers.info('INTAKE', DURABLE);
  expect(config).toMatchObject({ ack_wait: nanos(10_000), deliver_policy: DeliverPolicy.All });
});

import { AckPolicy, connect, DeliverPolicy, nanos, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureConsumer, ensureStreams, streamNames } from '../../../../services/shared/streams.js';

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

it('every stream is bounded, by an operator’s own bound where there is one', async () => {
  const manager = await nc.jetstreamManager();
  for (const name of streamNames()) {
    expect((await manager.streams.info(name)).config.max_bytes, name).toBeGreaterThan(0);
  }
  const { config } = await manager.streams.info('INTAKE');
  const boundedTo = async (max_bytes: number): Promise<number> => {
    await manager.streams.update('INTAKE', { ...config, max_bytes });
    await ensureStreams(nc, ['INTAKE']);
    return (await manager.streams.info('INTAKE')).config.max_bytes;
  };
  // As an earlier release made it.
  expect(await boundedTo(-1)).toBe(config.max_bytes);
  expect(await boundedTo(64 * 1024 * 1024)).toBe(64 * 1024 * 1024);
  expect(await boundedTo(config.max_bytes)).toBe(config.max_bytes);
});

it('a release with other settings updates the existing consumer', async () => {
  const manager = await nc.jetstreamManager();
  await ensureConsumer(nc, 'INTAKE', SETTINGS);
  await ensureConsumer(nc, 'INTAKE', SETTINGS);
  const changed = { ...SETTINGS, deliver_policy: DeliverPolicy.New, ack_wait: nanos(10_000) };
  await Promise.all([1, 2, 3].map(() => ensureConsumer(nc, 'INTAKE', changed)));
  const { config } = await manager.consumers.info('INTAKE', DURABLE);
  expect(config).toMatchObject({ ack_wait: nanos(10_000), deliver_policy: DeliverPolicy.All });
});

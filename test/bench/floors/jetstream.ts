import { setImmediate as soon } from 'node:timers/promises';
import { AckPolicy, nanos, StorageType } from 'nats';
import { oneByOne, p50 } from '../callers.js';
import type { Part } from '../part.js';

const STREAM = 'BENCH';
const SUBJECT = 'bench.message';

/** From a publisher to a consumer through a stream on disk, like an invoice update. */
export const jetstream: Part = {
  name: 'jetstream',
  figures: [
    { id: 'floor.jetstream', title: 'floor: JetStream publish to consume, p50', unit: 'ms' },
  ],
  async prepare({ parts: { nats }, options: { sizes } }) {
    const manager = await nats.jetstreamManager();
    await manager.streams.add({ name: STREAM, subjects: ['bench.>'], storage: StorageType.File });
    await manager.consumers.add(STREAM, {
      durable_name: 'bench',
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(10_000),
    });
    const js = nats.jetstream();
    const consumer = await js.consumers.get(STREAM, 'bench');
    const messages = await consumer.consume({ max_messages: 32 });
    let arrived: () => void = () => undefined;
    const reading = (async () => {
      for await (const message of messages) {
        message.ack();
        arrived();
      }
    })();
    const one = async (): Promise<void> => {
      const consumed = new Promise<void>((resolve) => (arrived = resolve));
      await Promise.all([js.publish(SUBJECT, 'a message'), consumed]);
      await soon();
    };
    await oneByOne(100, one);
    return {
      round: async () => ({ 'floor.jetstream': p50(await oneByOne(sizes.quiet, one)) }),
      stop: async () => {
        await messages.close();
        await reading;
        await manager.streams.delete(STREAM);
      },
    };
  },
};

import type {
  Delivery,
  Destination,
  OutboxRow,
} from '../../../../services/relay/outbox/destination.js';

export interface Recorder extends Destination {
  /** In the order of their deliveries, once per delivery. */
  readonly seen: OutboxRow[];
}

/** A destination in memory, which takes rows of each key one at a time as JetStream would. */
export function recorder(
  limits: Destination['limits'],
  meet: (row: OutboxRow) => Promise<'delivered' | 'refused' | 'lost' | 'unavailable'> = () =>
    Promise.resolve('delivered'),
): Recorder {
  const seen: OutboxRow[] = [];
  return {
    seen,
    name: 'nats',
    order: 'key',
    limits,
    throttledByMessages: false,
    concurrency: 8,
    prepare: () => Promise.resolve(),
    deliver: async (run): Promise<Delivery> => {
      const done: OutboxRow[] = [];
      for (const row of run) {
        const what = await meet(row);
        // `lost`: delivered, but the answer did not arrive.
        if (what === 'delivered' || what === 'lost') seen.push(row);
        if (what !== 'delivered') {
          return { done, failed: [{ row, error: what, unavailable: what === 'unavailable' }] };
        }
        done.push(row);
      }
      return { done, failed: [] };
    },
  };
}

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { WatcherOptions } from './watcher.js';

type Hooks = Required<
  Pick<WatcherOptions, 'onWatching' | 'onPublished' | 'onFailed' | 'onAdvanced'>
>;

/** The metrics of the watcher. */
export function watcherMetrics(registry: Registry): Hooks {
  const registers = [registry];
  const watching = new Gauge({
    name: 'quittance_lightning_watching',
    help: '1 when this process watches the node, 0 when it waits for the lock.',
    registers,
  });
  const published = new Counter({
    name: 'quittance_lightning_events_published_total',
    help: 'Events of the node that this process has published, by what happened to an invoice or a payment.',
    labelNames: ['type', 'state'],
    registers,
  });
  const seconds = new Histogram({
    name: 'quittance_lightning_publish_seconds',
    help: 'From when an event came from the node until JetStream had stored it.',
    labelNames: ['type', 'state'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const failures = new Counter({
    name: 'quittance_lightning_publish_failures_total',
    help: 'Tries to publish an event that failed; each is tried again.',
    registers,
  });
  const cursor = new Gauge({
    name: 'quittance_lightning_cursor',
    help: 'The cursor up to which this process has published the events of the node.',
    registers,
  });
  return {
    onWatching: (now) => watching.set(now ? 1 : 0),
    onPublished: ({ type, state }, tookSeconds) => {
      published.inc({ type, state });
      seconds.observe({ type, state }, tookSeconds);
    },
    onFailed: () => failures.inc(),
    onAdvanced: (at) => cursor.set(Number(at)),
  };
}

import { Counter, Gauge, type Registry } from 'prom-client';
import type { WatcherOptions } from './watcher.js';

/** What the watcher shows of itself at /metrics. */
export function watcherMetrics(
  registry: Registry,
): Required<Pick<WatcherOptions, 'onWatching' | 'onPublished' | 'onAdvanced'>> {
  const watching = new Gauge({
    name: 'quittance_lightning_watching',
    help: '1 where this process is the one that watches the node, 0 where it waits.',
    registers: [registry],
  });
  const published = new Counter({
    name: 'quittance_lightning_events_published_total',
    help: 'Events of the node this process has published.',
    registers: [registry],
  });
  const cursor = new Gauge({
    name: 'quittance_lightning_cursor',
    help: 'Up to where the events of the node have been published by this process.',
    registers: [registry],
  });
  return {
    onWatching: (now) => watching.set(now ? 1 : 0),
    onPublished: () => published.inc(),
    onAdvanced: (at) => cursor.set(Number(at)),
  };
}

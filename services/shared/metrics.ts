import { Gauge, type Registry } from 'prom-client';
import type { Logger } from './logger.js';
import type { Reading } from './scrape-reading.js';

/** One value of a gauge, with its labels. */
export interface Sample<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}

export interface LazyGauge<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Run at each scrape. */
  readonly read: () => Promise<readonly Sample<L>[]>;
}

/**
 * Registers a gauge that is read at each scrape. When it cannot be read (PostgreSQL is down), it is left
 * out of that scrape and the others are shown.
 */
export function lazyGauge<L extends string>(
  registry: Registry,
  logger: Logger,
  { name, help, labelNames, read }: LazyGauge<L>,
): void {
  new Gauge<L>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    async collect() {
      this.reset();
      try {
        for (const { labels, value } of await read()) this.set(labels, value);
      } catch (err) {
        if (labelNames.length === 0) this.set(NaN);
        logger.warn({ err, metric: name }, 'a metric could not be read');
      }
    },
  });
}

/** Whether the gauges that share this reading are current. */
export function readableGauge(
  registry: Registry,
  logger: Logger,
  what: 'outbox' | 'streams',
  read: () => Promise<Reading<unknown>>,
): void {
  const isFresh = (): Promise<boolean> =>
    read().then(
      (reading) => reading.isFresh,
      () => false,
    );
  lazyGauge(registry, logger, {
    name: `quittance_${what}_readable`,
    help: `1 when the gauges of the ${what} were read for this scrape, 0 when they are older or left out.`,
    labelNames: [],
    read: async () => [{ labels: {}, value: (await isFresh()) ? 1 : 0 }],
  });
}

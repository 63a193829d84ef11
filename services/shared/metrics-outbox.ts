import type { Pool } from 'pg';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';
import { lazyGauge, readableGauge, type Sample } from './metrics.js';
import { scrapeReading } from './scrape-reading.js';

const DESTINATIONS = ['nats', 'temporal', 'node'] as const;

interface OutboxBacklog {
  readonly destination: string;
  readonly backlog: number;
  readonly lag: number;
  readonly failing: number;
  readonly oldestStart: number | null;
}

/** How far the relay is behind: how many rows wait in the outbox, for how long, and how many have failed. */
export function registerOutboxMetrics(registry: Registry, logger: Logger, pool: Pool): void {
  const read = scrapeReading(() => readOutbox(pool));
  const gauge = (
    name: string,
    help: string,
    pick: (row: OutboxBacklog | undefined) => number,
  ): void =>
    lazyGauge(registry, logger, {
      name,
      help,
      labelNames: ['destination'],
      read: async () => byDestination((await read()).value, pick),
    });
  gauge(
    'quittance_outbox_lag_seconds',
    'How long the oldest outbox row has been due; 0 when there is none.',
    (row) => row?.lag ?? 0,
  );
  gauge(
    'quittance_outbox_backlog',
    'Outbox rows that are not published.',
    (row) => row?.backlog ?? 0,
  );
  gauge(
    'quittance_outbox_failing',
    'Outbox rows that are not published and have failed at least once.',
    (row) => row?.failing ?? 0,
  );
  lazyGauge(registry, logger, {
    name: 'quittance_oldest_unstarted_workflow_seconds',
    help: 'Age of the oldest workflow that waits in the outbox to be started; 0 when none does.',
    labelNames: [],
    read: async () => {
      const { value: rows } = await read();
      return [{ labels: {}, value: Math.max(0, ...rows.map((row) => row.oldestStart ?? 0)) }];
    },
  });
  readableGauge(registry, logger, 'outbox', read);
}

function byDestination(
  rows: readonly OutboxBacklog[],
  pick: (row: OutboxBacklog | undefined) => number,
): Sample<'destination'>[] {
  return DESTINATIONS.map((destination) => ({
    labels: { destination },
    value: pick(rows.find((row) => row.destination === destination)),
  }));
}

async function readOutbox(pool: Pool): Promise<readonly OutboxBacklog[]> {
  const { rows } = await pool.query<OutboxBacklog>(
    `select destination,
            count(*)::float8 as backlog,
            extract(epoch from clock_timestamp() - min(least(due_since, clock_timestamp())))::float8 as lag,
            (count(*) filter (where attempts > 0))::float8 as failing,
            extract(epoch from clock_timestamp()
              - min(created_at) filter (where kind = 'start'))::float8 as "oldestStart"
       from only outbox
      where published_at is null
      group by destination`,
  );
  return rows;
}

import type { Pool } from 'pg';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';
import { lazyGauge, type Sample } from './metrics.js';
import { scrapeReading } from './scrape-reading.js';

interface Overdue {
  readonly machine: 'attempt' | 'order';
  readonly rows: number;
  readonly oldest: number;
}

/** Open attempts and orders that their workflows should have attended to. */
export function registerOverdueMetrics(registry: Registry, logger: Logger, pool: Pool): void {
  const read = scrapeReading(() => readOverdue(pool));
  const gauge = (name: string, help: string, pick: (row: Overdue) => number): void =>
    lazyGauge(registry, logger, {
      name,
      help,
      labelNames: ['machine'],
      read: async (): Promise<Sample<'machine'>[]> =>
        (await read()).value.map((row) => ({ labels: { machine: row.machine }, value: pick(row) })),
    });
  gauge('quittance_overdue_rows', 'Open attempts and orders that are overdue.', ({ rows }) => rows);
  gauge(
    'quittance_oldest_overdue_seconds',
    'For how long the longest overdue attempt or order has been; 0 when none is.',
    ({ oldest }) => oldest,
  );
}

async function readOverdue(pool: Pool): Promise<Overdue[]> {
  const columns = `count(*)::float8 as rows,
    coalesce(extract(epoch from clock_timestamp() - min(due_at)), 0)::float8 as oldest`;
  const { rows } = await pool.query<Overdue>(
    `select 'attempt' as machine, ${columns} from attempts where due_at < now()
     union all
     select 'order', ${columns} from orders where due_at < now()`,
  );
  return rows;
}

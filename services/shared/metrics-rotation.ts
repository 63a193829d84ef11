import type { Pool } from 'pg';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';
import { lazyGauge } from './metrics.js';
import { scrapeReading } from './scrape-reading.js';

interface Rotation {
  readonly name: string;
  readonly overdue: number;
}

/** Whether tables that only grow are dropped in time. Nothing fails where they are not: they grow. */
export function registerRotationMetrics(registry: Registry, logger: Logger, pool: Pool): void {
  const read = scrapeReading(() => readRotations(pool));
  lazyGauge(registry, logger, {
    name: 'quittance_rotation_overdue_seconds',
    help: 'For how long a table that is dropped after its time should have given way to an empty one; 0 when it is not due.',
    labelNames: ['table'],
    read: async () =>
      (await read()).value.map(({ name, overdue }) => ({
        labels: { table: name },
        value: overdue,
      })),
  });
}

async function readRotations(pool: Pool): Promise<Rotation[]> {
  const { rows } = await pool.query<Rotation>(
    `select name, greatest(0, extract(epoch from clock_timestamp() - began_at - keep))::float8 as overdue
     from rotations order by name`,
  );
  return rows;
}

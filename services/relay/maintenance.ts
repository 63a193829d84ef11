import type { Pool } from 'pg';
import type { Config } from '../shared/config.js';
import type { Logger } from '../shared/logger.js';
import { every, type Repeated } from './every.js';
import type { RelayMetrics } from './metrics.js';
import { clearOld, keptTables } from './retention.js';
import { sweptAttempts } from './sweep/swept-attempts.js';
import { sweptOrders } from './sweep/swept-orders.js';
import { sweep } from './sweep/sweep.js';

const CLEAR_EVERY_MS = 60_000;

export interface MaintenanceParts {
  readonly config: Pick<Config, 'sweepIntervalSeconds' | 'sweepGraceSeconds' | 'outboxKeepHours'>;
  readonly pool: Pool;
  readonly logger: Logger;
  readonly metrics: RelayMetrics;
  readonly outboxChanged: () => void;
}

/** Looks for open rows past their deadline, again and again. */
export function startSweeping(parts: MaintenanceParts): Repeated {
  const { config, pool, logger, metrics } = parts;
  const tell = (workflow: string, recovered: number): void => {
    if (recovered === 0) return;
    parts.outboxChanged();
    metrics.recovered(workflow, recovered);
    logger.info({ workflow, recovered }, 'found past their deadline: started or woken');
  };
  return every(
    config.sweepIntervalSeconds * 1000,
    async () => {
      tell(sweptAttempts.workflowType, await sweep(pool, sweptAttempts, config.sweepGraceSeconds));
      tell(sweptOrders.workflowType, await sweep(pool, sweptOrders, config.sweepGraceSeconds));
    },
    (err) => logger.warn({ err }, 'the sweep failed'),
  );
}

/** Deletes what was kept long enough. */
export function startClearing({ config, pool, logger, metrics }: MaintenanceParts): Repeated {
  const stopping = new AbortController();
  const clearing = every(
    CLEAR_EVERY_MS,
    async () => {
      for (const kept of keptTables(config.outboxKeepHours)) {
        const cleared = await clearOld(pool, kept, stopping.signal);
        metrics.cleared(kept.table, cleared);
      }
    },
    (err) => logger.warn({ err }, 'old rows could not be cleared away'),
  );
  return {
    stop: () => {
      stopping.abort();
      return clearing.stop();
    },
  };
}

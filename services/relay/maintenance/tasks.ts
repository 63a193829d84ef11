import type { Pool, QueryResultRow } from 'pg';
import { withdrawNextExcess } from '../../../engine/actions/outgoing/auto-withdrawal.js';
import { retryFailed } from '../../../engine/actions/retry-failed.js';
import { runEffects } from '../../../engine/actions/run-effects.js';
import { effectSpans } from './effect-spans.js';
import { runParked } from '../../../engine/actions/parked-hooks.js';
import { expireDueLots, postExpired } from '../../../engine/credits/expire.js';
import type { EngineContext } from '../../../engine/context.js';
import { askForOpen } from '../../../engine/incoming/reconcile.js';
import { rollUpItems } from '../../../engine/items/roll-up.js';
import { TableBytes } from '../../../adapters/uploads/table-bytes.js';
import { rollUp } from '../../../engine/ledger/roll-up.js';
import { payRewards } from '../../../engine/rewards/pay-rewards.js';
import { isTrustDue } from '../../../engine/trust/nightly.js';
import { sweepUploads } from '../../../engine/uploads/sweep-uploads.js';
import { type TaskQueue, WORKFLOW_QUEUES } from '../../../domain/names/workflows.js';
import {
  closeExpiredInvoices,
  closeOldOrders,
} from '../../../engine/transmissions/close-orders.js';
import type { Config } from '../../shared/config.js';
import type { Logger } from '../../shared/logger.js';
import type { RelayMetrics } from '../metrics.js';
import { repeat, type Repeated } from '../timing.js';
import { deleteOldRows, retainedTables } from './retention.js';
import { rotateTables } from './rotation.js';
import { computeTrust } from './compute-trust.js';
import { sweep } from './sweep.js';
import {
  sweptAttempts,
  type SweptTable,
  sweptOrders,
  sweptStores,
  sweptTerritories,
  sweptTimers,
} from './swept-tables.js';

const DELETE_EVERY_MS = 60_000;
/** One look into an index when nothing has expired. */
const EXPIRE_EVERY_MS = 1000;
const ADDRESSES_AT_ONCE = 100;
const CLOSE_EVERY_MS = 60_000;
const PARKED_EVERY_MS = 5_000;
/** One look into an index when nothing was paid. */
const EFFECTS_EVERY_MS = 250;
const RETRIES_EVERY_MS = 5_000;
const AUTO_WITHDRAW_EVERY_MS = 10_000;
const RECONCILE_EVERY_MS = 5_000;
const ASKED_AT_ONCE = 100;
/** A look at one row, unless a day has passed. */
const ROLL_UP_EVERY_MS = 600_000;
/** How long a rank may lag behind what was paid. Counters never do. */
const ITEMS_EVERY_MS = 500;
const REWARDS_EVERY_MS = 60_000;
const UPLOADS_EVERY_MS = 600_000;
const TRUST_EVERY_MS = 60_000;

export interface MaintenanceParts {
  readonly config: Pick<
    Config,
    | 'sweepIntervalSeconds'
    | 'sweepGraceSeconds'
    | 'outboxKeepHours'
    | 'messageKeepDays'
    | 'orderCloseDays'
    | 'reconcileSeconds'
    | 'siteUrl'
  >;
  readonly pool: Pool;
  readonly logger: Logger;
  readonly metrics: RelayMetrics;
  readonly outboxChanged: () => void;
  /** Whether Temporal is behind with that queue. */
  readonly isBehind: (queue: TaskQueue) => Promise<boolean>;
}

/** Recovers open rows past their deadline. */
export function startSweep(parts: MaintenanceParts): Repeated {
  const { config, pool, logger, metrics } = parts;
  const report = (workflow: string, recovered: number): void => {
    if (recovered === 0) return;
    parts.outboxChanged();
    metrics.recovered(workflow, recovered);
    logger.info({ workflow, recovered }, 'workflows of rows past their deadline: started or woken');
  };
  const graceSeconds = config.sweepGraceSeconds;
  const sweepTable = async <R extends QueryResultRow>(table: SweptTable<R>): Promise<void> => {
    const isBehind = await parts.isBehind(WORKFLOW_QUEUES[table.workflowType]);
    report(table.workflowType, await sweep(pool, table, { graceSeconds, isBehind }));
  };
  return repeat(
    config.sweepIntervalSeconds * 1000,
    async () => {
      await sweepTable(sweptAttempts);
      await sweepTable(sweptOrders);
      await sweepTable(sweptStores);
      await sweepTable(sweptTerritories);
      await sweepTable(sweptTimers);
    },
    (err) => logger.warn({ err }, 'the sweep failed'),
  );
}

/** Asks the node for what is open: a message that was missed or forged never decides about money. */
export function startReconcile({ config, pool, logger, ...parts }: MaintenanceParts): Repeated {
  const everySeconds = config.reconcileSeconds;
  return repeat(
    RECONCILE_EVERY_MS,
    async () => {
      if (everySeconds === 0) return;
      const asked = await askForOpen(pool, { everySeconds, limit: ASKED_AT_ONCE });
      if (asked > 0) parts.outboxChanged();
    },
    (err) => logger.warn({ err }, 'the node could not be asked for what is open'),
  );
}

/** Expires lots of credits when they are due. */
export function startCreditExpiry({ pool, logger, outboxChanged }: MaintenanceParts): Repeated {
  return repeat(
    EXPIRE_EVERY_MS,
    async (signal) => {
      let addresses: number;
      do {
        addresses = await expireDueLots(pool, { limit: ADDRESSES_AT_ONCE, post: postExpired });
        if (addresses === 0) return;
        outboxChanged();
        logger.info({ addresses }, 'credits expired');
      } while (addresses === ADDRESSES_AT_ONCE && !signal.aborted);
    },
    (err) => logger.warn({ err }, 'the expiry of credits failed'),
  );
}

/** Sums up the balances of system accounts, once a day. */
export function startRollUp({ pool, logger }: MaintenanceParts): Repeated {
  return repeat(
    ROLL_UP_EVERY_MS,
    async () => {
      if (await rollUp(pool)) logger.info('the balances of system accounts were summed up');
    },
    (err) => logger.warn({ err }, 'the balances of system accounts could not be summed up'),
  );
}

/** Sums up the counters and ranks of items. */
export function startItemRollUp({ pool, logger }: MaintenanceParts): Repeated {
  return repeat(
    ITEMS_EVERY_MS,
    async (signal) => {
      while (!signal.aborted && (await rollUpItems(pool)));
    },
    (err) => logger.warn({ err }, 'the counters of items could not be summed up'),
  );
}

/** Pays the rewards of days that are over: rows say which, so that it goes on wherever it was left. */
export function startRewards({ pool, logger, outboxChanged }: MaintenanceParts): Repeated {
  return repeat(
    REWARDS_EVERY_MS,
    async () => {
      const receivers = await payRewards({ pool, outboxChanged });
      if (receivers > 0) logger.info({ receivers }, 'rewards were paid');
    },
    (err) => logger.warn({ err }, 'rewards could not be paid'),
  );
}

/** Computes anew, every night, how much votes weigh: in a thread of its own, since that takes minutes. */
export function startTrust({ pool, logger }: MaintenanceParts, databaseUrl: string): Repeated {
  return repeat(
    TRUST_EVERY_MS,
    async (signal) => {
      if (!(await isTrustDue(pool))) return;
      const territories = await computeTrust(databaseUrl, signal);
      if (territories > 0) logger.info({ territories }, 'trust was computed');
    },
    (err) => logger.warn({ err }, 'trust could not be computed'),
  );
}

/** Deletes files that nobody paid for, and what is left of sign-ups and log-ins. */
export function startUploadSweep({ pool, logger }: MaintenanceParts): Repeated {
  const store = { pool, bytes: new TableBytes(pool) };
  return repeat(
    UPLOADS_EVERY_MS,
    async () => {
      const files = await sweepUploads(store);
      if (files > 0) logger.info({ files }, 'files that nobody paid for were deleted');
      await pool.query(`delete from signups where at < clock_timestamp() - interval '1 day'`);
      await pool.query(
        `delete from login_challenges where created_at < clock_timestamp() - interval '1 day'`,
      );
    },
    (err) => logger.warn({ err }, 'files could not be swept'),
  );
}

/** Does what follows from actions that are over: notices, timers, receipts. */
export function startEffects({ config, pool, logger, outboxChanged }: MaintenanceParts): Repeated {
  const site = { url: config.siteUrl };
  const traced = effectSpans(pool);
  return repeat(
    EFFECTS_EVERY_MS,
    async (signal) => {
      while (!signal.aborted && (await runEffects({ pool, outboxChanged }, site, traced)) > 0);
    },
    (err) => logger.warn({ err }, 'effects of actions could not be done'),
  );
}

/** Tries failed payments again for accounts that want it. `engine` has connections of its own: it asks the node. */
export function startRetries(engine: EngineContext, logger: Logger): Repeated {
  return repeat(
    RETRIES_EVERY_MS,
    async (signal) => {
      while (!signal.aborted && (await retryFailed(engine)) > 0);
    },
    (err) => logger.warn({ err }, 'failed payments could not be tried again'),
  );
}

/** Undoes again what types could not undo. */
export function startParked({ pool, logger }: MaintenanceParts): Repeated {
  return repeat(
    PARKED_EVERY_MS,
    async (signal) => {
      while (!signal.aborted && (await runParked(pool)));
    },
    (err) => logger.warn({ err }, 'a parked undo failed'),
  );
}

/** Opens withdrawals of accounts whose sats are above their threshold. `engine` has connections of its own: it asks wallets and the node. */
export function startAutoWithdrawals(engine: EngineContext, logger: Logger): Repeated {
  return repeat(
    AUTO_WITHDRAW_EVERY_MS,
    async (signal) => {
      while (!signal.aborted && (await withdrawNextExcess(engine)));
    },
    (err) => logger.warn({ err }, 'an auto-withdrawal failed'),
  );
}

/** Closes orders whose receivers have had their time, and invoices of a gateway that have expired. */
export function startClosing(
  { config, logger }: MaintenanceParts,
  engine: EngineContext,
): Repeated {
  return repeat(
    CLOSE_EVERY_MS,
    async (signal) => {
      await closeExpiredInvoices(engine);
      let closed: number;
      do {
        closed = await closeOldOrders(engine, config.orderCloseDays);
        if (closed > 0) logger.info({ closed }, 'orders that were sent long ago were closed');
      } while (closed > 0 && !signal.aborted);
    },
    (err) => logger.warn({ err }, 'old orders could not be closed'),
  );
}

/** Drops tables and deletes rows that have been kept long enough. */
export function startRetention({ config, pool, logger, metrics }: MaintenanceParts): Repeated {
  return repeat(
    DELETE_EVERY_MS,
    async (signal) => {
      for (const retained of retainedTables(config.outboxKeepHours, config.messageKeepDays)) {
        metrics.cleared(retained.table, await deleteOldRows(pool, retained, signal));
      }
      for (const table of await rotateTables(pool, config.outboxKeepHours)) {
        logger.info(
          { table },
          'a table began anew, and its rows of the turn before last were dropped',
        );
      }
    },
    (err) => logger.warn({ err }, 'old rows could not be deleted'),
  );
}

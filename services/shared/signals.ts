import type { StopSteps } from './drain.js';
import type { Health } from './health.js';
import type { Logger } from './logger.js';

interface Stoppable {
  readonly logger: Logger;
  readonly health: Health;
  readonly steps: StopSteps;
  /** How long the steps may take in all. */
  readonly graceSeconds: number;
}

/**
 * SIGTERM and SIGINT drain: not ready at once, then the steps, then exit 0. A second signal, or
 * the end of the grace time, exits 1 with whatever is left undone: it is taken up elsewhere.
 */
export function stopOnSignals(stoppable: Stoppable): void {
  const { logger } = stoppable;
  process.on('SIGTERM', (signal) => void drain(stoppable, signal));
  process.on('SIGINT', (signal) => void drain(stoppable, signal));
  // Whoever started this process over an IPC channel and died must not leave it running.
  process.once('disconnect', () => void drain(stoppable, 'the parent is gone'));
  const die = (err: unknown, origin: string): never => {
    logger.fatal({ err, origin }, 'nobody caught this');
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', (reason) => die(reason, 'unhandledRejection'));
}

async function drain(stoppable: Stoppable, reason: string): Promise<void> {
  const { logger, health, steps, graceSeconds } = stoppable;
  if (health.phase === 'draining') {
    logger.warn({ reason }, 'told to stop again: stopping at once');
    process.exit(1);
  }
  health.phase = 'draining';
  logger.info({ reason, graceSeconds }, 'draining');
  setTimeout(() => {
    logger.error({ graceSeconds }, 'not drained in time: stopping at once');
    process.exit(1);
  }, graceSeconds * 1000);
  const clean = await steps.runAll(logger);
  logger.info({ clean }, 'stopped');
  process.exit(clean ? 0 : 1);
}

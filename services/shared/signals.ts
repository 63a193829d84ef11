import type { StopSteps } from './drain.js';
import type { Health } from './health.js';
import type { Logger } from './logger.js';

interface Stoppable {
  readonly logger: Logger;
  readonly health: Health;
  readonly steps: StopSteps;
  /** How long all steps together may take. */
  readonly graceSeconds: number;
}

/**
 * SIGTERM and SIGINT drain: not ready at once, then the steps, then exit 0. A second signal, or the end
 * of the grace time, exits 1 at once; other processes continue the work that is left.
 */
export function stopOnSignals(stoppable: Stoppable): void {
  const { logger } = stoppable;
  process.on('SIGTERM', (signal) => void drain(stoppable, signal));
  process.on('SIGINT', (signal) => void drain(stoppable, signal));
  // When the parent that started this process with an IPC channel dies, this process ends too.
  process.once('disconnect', () => void drain(stoppable, 'the parent process ended'));
  const die = (err: unknown, origin: string): never => {
    logger.fatal({ err, origin }, 'uncaught error: exiting');
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', (reason) => die(reason, 'unhandledRejection'));
}

async function drain(stoppable: Stoppable, reason: string): Promise<void> {
  const { logger, health, steps, graceSeconds } = stoppable;
  if (health.phase === 'draining') {
    logger.warn({ reason }, 'second stop request: exiting at once');
    process.exit(1);
  }
  health.phase = 'draining';
  logger.info({ reason, graceSeconds }, 'draining');
  setTimeout(() => {
    logger.error({ graceSeconds }, 'not drained in time: exiting at once');
    process.exit(1);
  }, graceSeconds * 1000);
  const clean = await steps.runAll(logger);
  logger.info({ clean }, 'stopped');
  process.exit(clean ? 0 : 1);
}

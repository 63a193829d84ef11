import { z } from 'zod';
import { isDatabaseUnavailable } from '../../db/errors.js';
import type { Logger } from '../../services/shared/logger.js';
import { retry } from '../../services/shared/retry.js';
import type { Simulator } from './start-simulator.js';

const RETRY_MS = 1_000;

const addressInUse = z.object({ code: z.literal('EADDRINUSE') });

/**
 * Starts the simulated node as soon as it can be: a second process waits here until the first, which
 * listens at the same address, is gone. Throws when aborted before that.
 */
export function listenWhenFree(
  start: () => Promise<Simulator>,
  logger: Logger,
  signal: AbortSignal,
): Promise<Simulator> {
  return retry(start, {
    signal,
    firstPauseMs: RETRY_MS,
    longestPauseMs: RETRY_MS,
    onFailure: (err, failures) => {
      if (!addressInUse.safeParse(err).success && !isDatabaseUnavailable(err)) throw err;
      if (failures === 0) logger.warn({ err }, 'waiting for the address or the database');
    },
  });
}

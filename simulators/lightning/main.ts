import { z } from 'zod';
import { isDatabaseUnavailable } from '../../db/errors.js';
import { createPool } from '../../services/shared/pool.js';
import { runService } from '../../services/shared/process.js';
import { retry } from '../../services/shared/retry.js';
import { requireSchema } from '../../services/shared/schema.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { startSimulator } from './start-simulator.js';

const SWEEP_MS = 250;
const RETRY_MS = 1_000;

const addressInUse = z.object({ code: z.literal('EADDRINUSE') });

/**
 * The simulated Lightning node, at the address where the other processes look for the node. A second
 * process waits until the first one, which listens at the same address, is gone, and is not ready
 * until then.
 */
runService('lightning-simulator', async (service) => {
  const { config, logger } = service;
  await requireSchema(service);
  const pool = createPool(config, logger);
  service.onStop('PostgreSQL', () => pool.end());
  service.addCheck('postgres', () => pool.query('select 1'));
  const { hostname: host, port } = new URL(config.lightningUrl);
  const start = () =>
    startSimulator({
      pool,
      logger,
      host: host.replace(/^\[|\]$/g, ''),
      port: Number(port),
      settings: { ...DEFAULT_SETTINGS, holdTimeoutSeconds: config.lightningHoldTimeoutSeconds },
      controls: config.env !== 'production',
      sweepMs: SWEEP_MS,
    });
  const stopping = new AbortController();
  const simulator = retry(start, {
    signal: stopping.signal,
    firstPauseMs: RETRY_MS,
    longestPauseMs: RETRY_MS,
    onFailure: (err, failures) => {
      if (!addressInUse.safeParse(err).success && !isDatabaseUnavailable(err)) throw err;
      if (failures > 0) return;
      const { lightningUrl } = config;
      logger.warn(
        { err, lightningUrl },
        'waiting until the address is free and PostgreSQL answers',
      );
    },
  });
  service.onStop('simulated node', async () => {
    stopping.abort();
    const running = await simulator.catch(() => undefined);
    await running?.stop();
  });
  service.announce((await simulator).url);
});

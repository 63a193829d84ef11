import { checkVerified } from '../../engine/credits/rebuild/generation.js';
import { createNotifier } from '../../db/notifier.js';
import { createEngineContext } from '../shared/engine-context.js';
import { createIntakeContext } from '../shared/intake-context.js';
import { createNode } from '../../adapters/lightning/create-node.js';
import { openPools, someAnswers } from '../shared/pool.js';
import { runService } from '../shared/process.js';
import { buildApi } from './server.js';

runService(
  'api',
  async (service) => {
    const { config, logger, opsRoutes } = service;
    const pools = openPools(service, ['payments', 'reads']);
    const { payments: pool, reads } = pools;
    service.addCheck('postgres', () => someAnswers(pools));
    service.addCheck('credits', () => checkVerified(reads));
    const outboxChanged = createNotifier(pool, (err) =>
      logger.warn({ err }, 'could not notify the relays'),
    );
    const engine = createEngineContext(config, { pool, node: createNode(config), outboxChanged });
    const intake = createIntakeContext(config, { pool, outboxChanged });
    const creditPolicy = { issuers: config.alephIssuers, channels: config.alephChannels };
    const app = buildApi({
      engine,
      intake,
      reads,
      logger,
      opsRoutes,
      creditPolicy,
      trustedProxies: config.trustedProxies,
    });
    // Stops accepting connections, then waits for requests in progress.
    service.onStop('HTTP', () => app.close());
    service.announce(await app.listen({ host: config.apiHost, port: config.apiPort }));
  },
  { opsServer: false },
);

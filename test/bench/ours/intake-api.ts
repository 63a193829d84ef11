import { z } from 'zod';
import { createNode } from '../../../adapters/lightning/create-node.js';
import { openStore } from '../../../engine/intake/stores/open-store.js';
import { buildApi } from '../../../services/api/server.js';
import { createEngineContext } from '../../../services/shared/engine-context.js';
import { createIntakeContext } from '../../../services/shared/intake-context.js';
import { createPool } from '../../../services/shared/pool.js';
import { runService } from '../../../services/shared/process.js';

const env = z.object({ STORE: z.string(), STORE_SECRET: z.string() }).parse(process.env);

/** The real API with one store and no relay: what is delivered is stored and not processed further. */
runService(
  'bench-intake-api',
  async (service) => {
    const { config, logger, opsRoutes } = service;
    const pool = createPool(config, logger);
    service.onStop('PostgreSQL', () => pool.end());
    const outboxChanged = (): void => undefined;
    const engine = createEngineContext(config, { pool, node: createNode(config), outboxChanged });
    const intake = createIntakeContext(config, { pool, outboxChanged });
    await openStore(intake, {
      id: env.STORE,
      url: 'https://shop.example',
      name: 'Shop',
      zone: 'UTC',
      secrets: [env.STORE_SECRET],
    });
    const app = buildApi({ engine, intake, reads: pool, logger, opsRoutes });
    service.onStop('HTTP', () => app.close());
    service.announce(await app.listen({ host: '127.0.0.1', port: 0 }));
  },
  { opsServer: false },
);

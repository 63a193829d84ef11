import { z } from 'zod';
import { createNotifier } from '../../../db/notifier.js';
import { serveEvents } from '../../../services/api/satellite/serve-events.js';
import { createNode } from '../../../adapters/lightning/create-node.js';
import { satelliteSettings } from '../../../services/api/satellite/settings-of.js';
import { buildSatelliteApi } from '../../../services/api/server.js';
import { createEngineContext } from '../../../services/shared/engine-context.js';
import { createPool } from '../../../services/shared/pool.js';
import { runService } from '../../../services/shared/process.js';

/** The real Satellite API with a gateway. With EVENTS it wakes the relays of its database and serves events; else there is no relay. */
const { EVENTS } = z.object({ EVENTS: z.string().optional() }).parse(process.env);

runService(
  'bench-satellite-api',
  async (service) => {
    const { config, logger, opsRoutes } = service;
    const pool = createPool(config, logger);
    service.onStop('PostgreSQL', () => pool.end());
    const outboxChanged =
      EVENTS === undefined ? (): void => undefined : createNotifier(pool, () => undefined);
    const events = EVENTS === undefined ? {} : { events: serveEvents(service, pool) };
    const engine = createEngineContext(config, { pool, node: createNode(config), outboxChanged });
    const satellite = satelliteSettings(config);
    const app = buildSatelliteApi({ engine, reads: pool, logger, opsRoutes, satellite, ...events });
    service.onStop('HTTP', () => app.close());
    service.announce(await app.listen({ host: '127.0.0.1', port: 0 }));
  },
  { opsServer: false },
);

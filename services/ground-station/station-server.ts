import fastify, { type FastifyInstance } from 'fastify';
import type { OpsRoutes } from '../shared/ops-routes.js';
import { z } from 'zod';
import { refuseScrape } from '../shared/ops-server.js';
import { type Misses, missSchema } from './misses.js';
import type { Speed } from './speed.js';

export interface StationServerOptions {
  readonly opsRoutes: OpsRoutes;
  readonly misses: Misses;
  readonly speed: Speed;
  /** Whether failures can be switched on: not in production. */
  readonly switches: boolean;
}

/**
 * Health and metrics, as of every process. Outside production also:
 * - POST /simulator/miss, a {@link Miss} in JSON: 200 with all that are pending, 400 when it is not valid
 * - GET /simulator/miss lists them, DELETE /simulator/miss removes them
 * - POST /simulator/speed, like `{"speedup": 10}`, for all stations of the process
 */
export function stationServer({
  opsRoutes,
  misses,
  speed,
  switches,
}: StationServerOptions): FastifyInstance {
  const app = fastify();
  for (const [path, answer] of Object.entries(opsRoutes)) {
    app.get(path, async ({ ip, headers }, reply) => {
      const refused =
        path === '/metrics'
          ? await refuseScrape(ip, headers.authorization, () => Promise.resolve(false))
          : undefined;
      const { status, contentType, body } = refused ?? (await answer());
      return reply
        .status(status)
        .headers({ 'content-type': contentType, 'cache-control': 'no-store' })
        .send(body);
    });
  }
  if (switches) {
    addSwitches(app, misses);
    addSpeed(app, speed);
  }
  return app;
}

const speedSchema = z.strictObject({ speedup: z.number().min(0.001).max(1_000_000) });

function addSpeed(app: FastifyInstance, speed: Speed): void {
  app.post('/simulator/speed', (request, reply) => {
    const parsed = speedSchema.safeParse(request.body);
    if (!parsed.success) return reply.status(400).send({ message: 'not a valid speed' });
    speed.speedup = parsed.data.speedup;
    return reply.send(parsed.data);
  });
}

function addSwitches(app: FastifyInstance, misses: Misses): void {
  const pending = (): unknown => ({ pending: misses.list() });
  app.post('/simulator/miss', (request, reply) => {
    const miss = missSchema.safeParse(request.body);
    if (!miss.success) {
      const problems = miss.error.issues.map(
        ({ path, message }) => `${path.join('.')}: ${message}`,
      );
      return reply.status(400).send({ message: 'not a valid miss', problems });
    }
    misses.add(miss.data);
    return reply.send(pending());
  });
  app.get('/simulator/miss', (_request, reply) => reply.send(pending()));
  app.delete('/simulator/miss', (_request, reply) => {
    misses.clear();
    return reply.send(pending());
  });
}

import type { OpsRoutes } from '../shared/ops-routes.js';
import type { FastifyInstance } from 'fastify';

/** /healthz, /readyz and /metrics on the API's own port. */
export function addOpsRoutes(app: FastifyInstance, routes: OpsRoutes): void {
  for (const [url, answer] of Object.entries(routes)) {
    app.get(
      url,
      { config: { access: 'anyone', quiet: true }, schema: { hide: true } },
      async (_request, reply) => {
        const { status, contentType, body } = await answer();
        return reply.code(status).type(contentType).header('cache-control', 'no-store').send(body);
      },
    );
  }
}

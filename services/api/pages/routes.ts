import type { FastifyInstance } from 'fastify';
import type { PagesContext } from './context.js';
import { addAssetRoute } from './asset-route.js';
import { addPayRoutes } from './pay/routes.js';
import { addSessionRoutes } from './session/routes.js';

/** Every page, by its first word. */
export function addPageRoutes(app: FastifyInstance, context: PagesContext): void {
  addAssetRoute(app, context);
  addSessionRoutes(app, context);
  addPayRoutes(app, context);
}

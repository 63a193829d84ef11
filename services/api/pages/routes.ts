import type { FastifyInstance } from 'fastify';
import type { PagesContext } from './context.js';
import { addAssetRoute } from './asset-route.js';
import { addAccountRoutes } from './account/routes.js';
import { addWalletRoutes } from './account/wallet-routes.js';
import { addActionRoutes } from './actions/routes.js';
import { addFormRoutes } from './forms/routes.js';
import { addItemRoutes } from './items/routes.js';
import { addOpsRoutes } from './ops/routes.js';
import { addPayRoutes } from './pay/routes.js';
import { addSatelliteRoutes } from './satellite/routes.js';
import { addSessionRoutes } from './session/routes.js';
import { addStoreRoutes } from './stores/routes.js';

/** Every page, by its first word. */
export function addPageRoutes(app: FastifyInstance, context: PagesContext): void {
  addAssetRoute(app, context);
  addSessionRoutes(app, context);
  addPayRoutes(app, context);
  addItemRoutes(app, context);
  addFormRoutes(app, context);
  addActionRoutes(app, context);
  addAccountRoutes(app, context);
  addWalletRoutes(app, context);
  addSatelliteRoutes(app, context);
  addOpsRoutes(app, context);
  addStoreRoutes(app, context);
}

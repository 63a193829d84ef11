import { fastify, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from '../../../services/shared/logger.js';
import type { FaultyCalls } from '../faults/faulty-calls.js';
import type { SimulatedNode } from '../simulated-node.js';
import type { SimulatedWallets } from '../simulated-wallets.js';
import { controlRoutes } from './control-routes.js';
import { eventRoutes } from './event-routes.js';
import { nodeRoutes } from './node-routes.js';
import { answerWithProblems } from './problems.js';
import { walletRoutes } from './wallet-routes.js';

export interface SimulatorParts {
  readonly node: SimulatedNode;
  readonly wallets: SimulatedWallets;
  readonly calls: FaultyCalls;
  readonly logger: Logger;
  /** Whether to serve fault switches and books: not in production. */
  readonly controls: boolean;
}

export function buildServer(parts: SimulatorParts): FastifyInstance {
  const server = fastify({
    // Subscribers never disconnect by themselves: closing does not wait for them.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  answerWithProblems(server, parts.logger);
  nodeRoutes(server, parts);
  eventRoutes(server, parts);
  walletRoutes(server, parts.wallets);
  if (parts.controls) controlRoutes(server, parts);
  return server;
}

import { fastify } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { clockRoutes, faultRoutes, webhookControlRoutes } from './http/control-routes.js';
import { orderControlRoutes } from './http/order-control-routes.js';
import { restRoutes } from './http/rest-routes.js';
import { RunningStore } from './running-store.js';

export interface RunningSimulator {
  readonly url: string;
  stop(): Promise<void>;
}

/** The simulated store behind its HTTP server. */
export async function startStore(options: {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}): Promise<RunningSimulator> {
  const running = new RunningStore();
  const server = fastify({
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  clockRoutes(server, running);
  faultRoutes(server, running);
  webhookControlRoutes(server, running);
  orderControlRoutes(server, running);
  restRoutes(server, running);
  const url = await server.listen(options);
  running.start();
  return {
    url,
    stop: async () => {
      running.stop();
      await server.close();
    },
  };
}

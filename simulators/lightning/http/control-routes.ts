import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { faultsSchema } from '../../../adapters/lightning/simulator-client/faults.js';
import {
  recountSchema,
  settledPageSchema,
  settledQuerySchema,
} from '../../../adapters/lightning/simulator-client/wallet-protocol.js';
import { recount, settledInvoices } from '../store/books.js';
import type { FaultyCalls } from '../faults/faulty-calls.js';
import type { SimulatedNode } from '../simulated-node.js';

export function controlRoutes(
  instance: FastifyInstance,
  { node, calls }: { readonly node: SimulatedNode; readonly calls: FaultyCalls },
): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();
  const { faults } = calls;

  server.get(
    '/control/faults',
    { schema: { response: { 200: faultsSchema } } },
    () => faults.current,
  );

  server.put(
    '/control/faults',
    { schema: { body: faultsSchema, response: { 200: faultsSchema } } },
    ({ body }) => {
      faults.set(body);
      return faults.current;
    },
  );

  server.delete('/control/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });

  server.get('/control/recount', { schema: { response: { 200: recountSchema } } }, () =>
    recount(node.state.pool),
  );

  server.get(
    '/control/settled',
    { schema: { querystring: settledQuerySchema, response: { 200: settledPageSchema } } },
    async ({ query }) => ({
      invoices: await settledInvoices(node.state.pool, query.after, SETTLED_PER_PAGE),
    }),
  );
}

const SETTLED_PER_PAGE = 1_000;

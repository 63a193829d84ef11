import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { faultsSchema } from '../../../adapters/lightning/simulator-client/faults.js';
import {
  blocksSchema,
  forgetSchema,
  heightSchema,
  recountSchema,
  releaseSchema,
  settledPageSchema,
  settledQuerySchema,
} from '../../../adapters/lightning/simulator-client/wallet-protocol.js';
import { recount, settledInvoices } from '../store/books.js';
import { forget } from '../store/forget.js';
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

  server.post('/control/release', { schema: { response: { 200: releaseSchema } } }, async () => ({
    released: await calls.release(),
  }));

  chainRoutes(instance, node);

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

function chainRoutes(instance: FastifyInstance, node: SimulatedNode): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.post(
    '/control/blocks',
    { schema: { body: blocksSchema, response: { 200: heightSchema } } },
    async ({ body: { count } }) => ({ blockHeight: await node.mine(count) }),
  );

  server.post(
    '/control/forget',
    { schema: { body: forgetSchema } },
    async ({ body: { hash } }, reply) => {
      await forget(node.state.pool, hash);
      return reply.code(204).send();
    },
  );
}

const SETTLED_PER_PAGE = 1_000;

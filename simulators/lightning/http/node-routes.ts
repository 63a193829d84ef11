import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { LightningError } from '../../../adapters/lightning/port.js';
import {
  balanceSchema,
  bolt11Schema,
  createdInvoiceSchema,
  createInvoiceSchema,
  decodedSchema,
  estimateQuerySchema,
  estimateSchema,
  invoiceSchema,
  journalSchema,
  nodeInfoSchema,
  paymentSchema,
  sendSchema,
  settleSchema,
} from '../../../adapters/lightning/simulator-client/protocol.js';
import { hex32 } from '../../../adapters/lightning/simulator-client/wire.js';
import { lastCursor } from '../store/events.js';
import type { FaultyCalls } from '../faults/faulty-calls.js';
import type { SimulatedNode } from '../simulated-node.js';

const byHash = z.object({ hash: hex32 });

interface Parts {
  readonly node: SimulatedNode;
  readonly calls: FaultyCalls;
}

/** The Lightning port over HTTP. */
export function nodeRoutes(instance: FastifyInstance, parts: Parts): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();
  const { node, calls } = parts;

  server.get('/v1/info', { schema: { response: { 200: nodeInfoSchema } } }, async () => ({
    ...(await node.info()),
    lastCursor: await lastCursor(node.state.pool),
  }));

  server.get('/v1/balance', { schema: { response: { 200: balanceSchema } } }, () => node.balance());

  server.get(
    '/v1/decode',
    { schema: { querystring: bolt11Schema, response: { 200: decodedSchema } } },
    ({ query }) => calls.run('decode', () => node.decode(query.bolt11)),
  );

  server.get(
    '/v1/journal/:hash',
    { schema: { params: byHash, response: { 200: journalSchema } } },
    async ({ params: { hash } }) => ({ events: await node.journal(hash) }),
  );

  invoiceRoutes(instance, parts);
  paymentRoutes(instance, parts);
}

function invoiceRoutes(instance: FastifyInstance, { node, calls }: Parts): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.post(
    '/v1/invoices',
    { schema: { body: createInvoiceSchema, response: { 201: createdInvoiceSchema } } },
    async ({ body }, reply) =>
      reply.code(201).send(await calls.run('create_invoice', () => node.createInvoice(body))),
  );

  server.get(
    '/v1/invoices/:hash',
    { schema: { params: byHash, response: { 200: invoiceSchema } } },
    async ({ params: { hash } }) =>
      found(await calls.run('lookup_invoice', () => node.lookupInvoice(hash))),
  );

  server.post(
    '/v1/invoices/settle',
    { schema: { body: settleSchema } },
    async ({ body }, reply) => {
      await calls.run('settle_invoice', () => node.settleInvoice(body.preimage));
      return reply.code(204).send();
    },
  );

  server.post(
    '/v1/invoices/:hash/cancel',
    { schema: { params: byHash } },
    async ({ params: { hash } }, reply) => {
      await calls.run('cancel_invoice', () => node.cancelInvoice(hash));
      return reply.code(204).send();
    },
  );
}

function paymentRoutes(instance: FastifyInstance, { node, calls }: Parts): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.post(
    '/v1/payments',
    { schema: { body: sendSchema, response: { 200: paymentSchema } } },
    ({ body }) => calls.run('send_payment', () => node.sendPayment(body)),
  );

  server.get(
    '/v1/payments/:hash',
    { schema: { params: byHash, response: { 200: paymentSchema } } },
    async ({ params: { hash } }) =>
      found(await calls.run('lookup_payment', () => node.lookupPayment(hash))),
  );

  server.get(
    '/v1/routes',
    { schema: { querystring: estimateQuerySchema, response: { 200: estimateSchema } } },
    async ({ query }) => found(await calls.run('estimate_route', () => node.estimateRoute(query))),
  );
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw LightningError.refused('unknown_hash', 'nothing has this hash');
  return value;
}

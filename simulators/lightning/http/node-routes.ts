import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { LightningError } from '../../../adapters/lightning/port.js';
import {
  bolt11Schema,
  createInvoiceSchema,
  decodedSchema,
  invoiceSchema,
  nodeInfoSchema,
  paymentSchema,
  paySchema,
  settleSchema,
} from '../../../adapters/lightning/simulator-client/protocol.js';
import { hex32 } from '../../../adapters/lightning/simulator-client/wire.js';
import { lastCursor } from '../store/events.js';
import type { FaultyCalls } from '../faults/faulty-calls.js';
import type { SimulatedNode } from '../simulated-node.js';

const byHash = z.object({ hash: hex32 });

/** The Lightning port over HTTP. */
export function nodeRoutes(
  instance: FastifyInstance,
  { node, calls }: { readonly node: SimulatedNode; readonly calls: FaultyCalls },
): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.get('/v1/info', { schema: { response: { 200: nodeInfoSchema } } }, async () => ({
    publicKey: node.publicKey,
    lastCursor: await lastCursor(node.state.pool),
  }));

  server.post(
    '/v1/invoices',
    { schema: { body: createInvoiceSchema, response: { 201: invoiceSchema } } },
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

  server.post(
    '/v1/payments',
    { schema: { body: paySchema, response: { 200: paymentSchema } } },
    ({ body }) => calls.run('pay', () => node.pay(body)),
  );

  server.get(
    '/v1/payments/:hash',
    { schema: { params: byHash, response: { 200: paymentSchema } } },
    async ({ params: { hash } }) =>
      found(await calls.run('lookup_payment', () => node.lookupPayment(hash))),
  );

  server.get(
    '/v1/decode',
    { schema: { querystring: bolt11Schema, response: { 200: decodedSchema } } },
    ({ query }) => calls.run('decode', () => node.decode(query.bolt11)),
  );
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw LightningError.refused('unknown_hash', 'nothing has this hash');
  return value;
}

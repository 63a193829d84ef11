import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { LightningError } from '../../../adapters/lightning/port.js';
import {
  invoiceSchema,
  paymentSchema,
} from '../../../adapters/lightning/simulator-client/protocol.js';
import {
  decideSchema,
  depositSchema,
  routesSchema,
  walletInvoiceSchema,
  walletName,
  walletPaySchema,
  walletSchema,
} from '../../../adapters/lightning/simulator-client/wallet-protocol.js';
import { hex32 } from '../../../adapters/lightning/simulator-client/wire.js';
import type { SimulatedWallets, Wallet } from '../simulated-wallets.js';

const byName = z.object({ name: walletName });
const byNameAndHash = byName.extend({ hash: hex32 });

/** Other people's wallets. Faults do not apply to them. */
export function walletRoutes(instance: FastifyInstance, wallets: SimulatedWallets): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.put(
    '/wallets/:name',
    { schema: { params: byName, body: walletSchema, response: { 200: walletSchema } } },
    async ({ params: { name }, body }) => {
      if (body.name !== name) throw badRequest('the name differs from the one in the path');
      await wallets.open(body);
      return walletOf(wallets, name);
    },
  );

  server.get(
    '/wallets/:name',
    { schema: { params: byName, response: { 200: walletSchema } } },
    ({ params: { name } }) => walletOf(wallets, name),
  );

  server.post(
    '/wallets/:name/deposits',
    { schema: { params: byName, body: depositSchema, response: { 200: walletSchema } } },
    async ({ params: { name }, body }) => {
      await walletOf(wallets, name);
      await wallets.deposit(name, body.amountMsat);
      return walletOf(wallets, name);
    },
  );

  server.post(
    '/wallets/:name/payments',
    { schema: { params: byName, body: walletPaySchema, response: { 200: paymentSchema } } },
    async ({ params: { name }, body }) => {
      await walletOf(wallets, name);
      return wallets.pay({ wallet: name, ...body });
    },
  );

  server.get(
    '/wallets/:name/payments/:hash',
    { schema: { params: byNameAndHash, response: { 200: paymentSchema } } },
    async ({ params: { name, hash } }) => found(await wallets.findPayment(name, hash)),
  );

  server.put(
    '/wallets/:name/routes',
    { schema: { params: byName, body: routesSchema } },
    async ({ params: { name }, body: { routes } }, reply) => {
      await walletOf(wallets, name);
      await wallets.setRoutes(name, routes);
      return reply.code(204).send();
    },
  );

  walletInvoiceRoutes(instance, wallets);
}

function walletInvoiceRoutes(instance: FastifyInstance, wallets: SimulatedWallets): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.post(
    '/wallets/:name/invoices',
    { schema: { params: byName, body: walletInvoiceSchema, response: { 201: invoiceSchema } } },
    async ({ params: { name }, body: { outcome, ...request } }, reply) => {
      const invoice = await wallets.createInvoice(name, request, outcome);
      return reply.code(201).send(invoice ?? noWallet(name));
    },
  );

  server.get(
    '/wallets/:name/invoices/:hash',
    { schema: { params: byNameAndHash, response: { 200: invoiceSchema } } },
    async ({ params: { name, hash } }) => found(await wallets.findInvoice(name, hash)),
  );

  server.put(
    '/wallets/:name/invoices/:hash/outcome',
    { schema: { params: byNameAndHash, body: decideSchema } },
    async ({ params: { name, hash }, body: { outcome } }, reply) => {
      const decided = await wallets.decide(name, hash, outcome);
      found(decided ? true : undefined);
      return reply.code(204).send();
    },
  );
}

async function walletOf(wallets: SimulatedWallets, name: string): Promise<Wallet> {
  return (await wallets.find(name)) ?? noWallet(name);
}

function noWallet(name: string): never {
  throw badRequest(`there is no wallet ${name}`);
}

function badRequest(message: string): LightningError {
  return LightningError.refused('bad_request', message);
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw LightningError.refused('unknown_hash', 'nothing has this hash');
  return value;
}

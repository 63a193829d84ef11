import type { FastifyError, FastifyInstance, FastifyPluginCallback, FastifyReply } from 'fastify';
import type { Pool } from 'pg';
import { z } from 'zod';
import {
  readConsumedByResource,
  readHistorySummary,
} from '../../../engine/credits/read-history.js';
import type { ApiDeps } from '../deps.js';
import { isRefusedInput } from '../../../db/errors.js';
import { setRetryAfter, statusOf } from '../../shared/problem.js';
import { accountBalance, creditBalances } from './balances.js';
import { formatExactJson } from '../../../domain/credits/exact-json.js';
import { historyPage } from './history-page.js';
import {
  balanceQuery,
  balancesQuery,
  filtersOf,
  historyQuery,
  readQuery,
  storable,
  summaryQuery,
  Unprocessable,
} from './query.js';

const addressParams = z.object({ address: storable.min(1) });
const hashParams = z.object({ hash: storable.min(1) });

/** The credit reads of pyaleph, with its paths, answers and errors. A plugin of its own, so that its error handler stays here. */
export function alephPlugin({ reads }: Pick<ApiDeps, 'reads'>): FastifyPluginCallback {
  return (app, _options, done) => {
    app.setErrorHandler((error: FastifyError | Unprocessable, request, reply) => {
      if (error instanceof Unprocessable) return sendExact(reply.code(422), error.body);
      const status = isRefusedInput(error) ? 422 : statusOf(error);
      setRetryAfter(reply, status);
      if (status >= 500) request.log.error({ err: error }, 'a read of credits failed');
      return reply.code(status).type('text/plain').send(`${status}`);
    });
    addRoutes(app, reads);
    done();
  };
}

function addRoutes(app: FastifyInstance, pool: Pool): void {
  app.get('/api/v0/addresses/:address/balance', async (request, reply) => {
    const { address } = readQuery(addressParams, request.params);
    const query = readQuery(balanceQuery, request.query);
    return sendExact(reply, await accountBalance(pool, address, query));
  });
  app.get('/api/v0/credit_balances', async (request, reply) =>
    sendExact(reply, await creditBalances(pool, readQuery(balancesQuery, request.query))),
  );
  app.get('/api/v0/addresses/:address/credit_history', async (request, reply) => {
    const { address } = readQuery(addressParams, request.params);
    const page = await historyPage(pool, address, readQuery(historyQuery, request.query));
    if (page !== undefined) return sendExact(reply, page);
    return reply.code(404).type('text/plain').send('No credit history found for this address');
  });
  app.get('/api/v0/addresses/:address/credit_history/summary', async (request, reply) => {
    const { address } = readQuery(addressParams, request.params);
    const filters = filtersOf(readQuery(summaryQuery, request.query));
    const summary = await readHistorySummary(pool, { ledger: 'aleph', address, filters });
    return sendExact(reply, {
      address,
      entry_count: summary.entryCount,
      total_amount: summary.totalAmount,
      total_incoming: summary.totalIncoming,
      total_outgoing: summary.totalOutgoing,
    });
  });
  app.get('/api/v0/messages/:hash/consumed_credits', async (request, reply) => {
    const { hash } = readQuery(hashParams, request.params);
    const consumed = (await readConsumedByResource(pool, [hash])).get(hash) ?? 0n;
    return sendExact(reply, { item_hash: hash, consumed_credits: consumed });
  });
}

function sendExact(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(formatExactJson(body));
}

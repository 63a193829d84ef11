import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import type { z } from 'zod';
import { findAccountNamed } from '../../../../engine/accounts/accounts.js';
import type { HistoryFilters } from '../../../../engine/credits/history-query.js';
import {
  listBalances,
  readBalance,
  readBalanceDetails,
} from '../../../../engine/credits/read-balance.js';
import {
  readConsumedByResource,
  readHistory,
  readHistorySummary,
} from '../../../../engine/credits/read-history.js';
import type { LedgerName } from '../../../../domain/credits/lot.js';
import { isoOfUs, type Us } from '../../../../domain/credits/time.js';
import { accountOf, staffOf } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import {
  balanceAnswer,
  balancesAnswer,
  balancesQuery,
  consumedAnswer,
  consumedParams,
  historyAnswer,
  historyQuery,
  ledgerAddressParams,
  ledgerParams,
  summaryAnswer,
  summaryQuery,
} from '../wire/credits.js';
import { pageOf } from '../wire/page.js';
import type { ZodApp } from '../../zod-app.js';

const tags = ['credits'];
const config = {
  access: 'account',
  audited: true,
  refusals: ['auth.operator_required', 'auth.scope_required', 'account.not_found'],
} as const;

export function addCreditLedgerRoutes(app: ZodApp, deps: ApiDeps): void {
  addBalance(app, deps);
  addBalances(app, deps);
  addHistory(app, deps);
  addSummary(app, deps);
  addConsumed(app, deps);
}

/**
 * The address whose rows are read. Ledger `aleph` is public. In ledger `actions`, the accounts' money, it is an account's id or name,
 * and only operators may read that of others.
 */
async function readableAddress(
  db: Pool,
  request: FastifyRequest,
  { ledger, address }: z.output<typeof ledgerAddressParams>,
): Promise<string> {
  if (ledger === 'aleph') return address;
  const { id, name } = accountOf(request);
  if (address === name || address.toLowerCase() === id) return id;
  staffOf(request, 'read');
  return (await findAccountNamed(db, address)).id;
}

function unitOf(ledger: LedgerName): 'msat' | 'credits' {
  return ledger === 'actions' ? 'msat' : 'credits';
}

function timeOrNull(at: Us | null): string | null {
  return at === null ? null : isoOfUs(at);
}

function addBalance(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/credits/:ledger/addresses/:address',
    {
      config,
      schema: {
        tags,
        summary: 'Balance of an address, by expiry',
        params: ledgerAddressParams,
        response: { 200: balanceAnswer },
      },
    },
    async (request) => {
      const { ledger } = request.params;
      const address = await readableAddress(pool, request, request.params);
      const details = await readBalanceDetails(pool, ledger, address);
      const balance = await readBalance(pool, ledger, address);
      return {
        address,
        unit: unitOf(ledger),
        balance: balance.toString(),
        details: details.map(({ expiresUs, amount }) => ({
          expiresAt: timeOrNull(expiresUs),
          amount: amount.toString(),
        })),
      };
    },
  );
}

function addBalances(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/credits/:ledger/addresses',
    {
      config,
      schema: {
        tags,
        summary: 'Addresses and their balances, by address',
        params: ledgerParams,
        querystring: balancesQuery,
        response: { 200: balancesAnswer },
      },
    },
    async (request) => {
      const { ledger } = request.params;
      if (ledger === 'actions') staffOf(request, 'read');
      const { cursor, limit, minBalance } = request.query;
      const list = { ledger, minBalance, limit: limit + 1, afterAddress: cursor?.[0] ?? '' };
      const page = pageOf(
        await listBalances(pool, list),
        limit,
        ({ address }) => [address],
        ({ address, credits }) => ({ address, balance: credits.toString() }),
      );
      return {
        unit: unitOf(ledger),
        balances: [...page.entries],
        nextCursor: page.nextCursor,
      };
    },
  );
}

function addHistory(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/credits/:ledger/addresses/:address/history',
    {
      config,
      schema: {
        tags,
        summary: 'Grants and debits of an address, newest first',
        params: ledgerAddressParams,
        querystring: historyQuery,
        response: { 200: historyAnswer },
      },
    },
    async (request) => {
      const { ledger } = request.params;
      const address = await readableAddress(pool, request, request.params);
      const { cursor, limit, ...query } = request.query;
      const [value, ref, index] = cursor ?? [];
      const after =
        value === undefined || ref === undefined
          ? {}
          : { after: { value: isoOfUs(value), ref, index: Number(index) } };
      const rows = await readHistory(pool, {
        ...{ ledger, address, filters: filtersOf(query), sortBy: 'message_timestamp' },
        ...{ descending: true, limit: limit + 1, ...after },
      });
      const page = pageOf(
        rows,
        limit,
        (row) => [isoOfUs(row.atUs), row.ref, row.index.toString()],
        ({ ref: creditRef, index: creditIndex, amount, atUs, expiresUs, ...row }) => ({
          ...row,
          ...{ creditRef, creditIndex, amount: amount.toString() },
          at: isoOfUs(atUs),
          expiresAt: timeOrNull(expiresUs),
        }),
      );
      return { unit: unitOf(ledger), entries: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

function addSummary(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/credits/:ledger/addresses/:address/summary',
    {
      config,
      schema: {
        tags,
        summary: 'Sums of the grants and debits of an address',
        params: ledgerAddressParams,
        querystring: summaryQuery,
        response: { 200: summaryAnswer },
      },
    },
    async (request) => {
      const { ledger } = request.params;
      const address = await readableAddress(pool, request, request.params);
      const filters = filtersOf(request.query);
      const summary = await readHistorySummary(pool, { ledger, address, filters });
      return {
        unit: unitOf(ledger),
        entryCount: summary.entryCount,
        total: summary.totalAmount.toString(),
        incoming: summary.totalIncoming.toString(),
        outgoing: summary.totalOutgoing.toString(),
      };
    },
  );
}

function addConsumed(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/credits/resources/:hash/consumed',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Sum of the expenses of ledger aleph for a resource',
        params: consumedParams,
        response: { 200: consumedAnswer },
      },
    },
    async ({ params: { hash } }) => {
      const consumed = (await readConsumedByResource(pool, [hash])).get(hash) ?? 0n;
      return { hash, consumedCredits: consumed.toString() };
    },
  );
}

function filtersOf({ from, to, ...same }: z.output<typeof summaryQuery>): HistoryFilters {
  const named = {
    ...same,
    startUs: from,
    endUs: to,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

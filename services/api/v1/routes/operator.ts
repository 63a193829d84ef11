import type { ZodApp } from '../../zod-app.js';
import { readMaintenance } from '../../../../engine/maintenance-mode.js';
import { readLateCalls } from '../../../../engine/operator/read-late-calls.js';
import { readOutbox, summarizeOutbox } from '../../../../engine/operator/read-outbox.js';
import { readStuck } from '../../../../engine/operator/read-stuck.js';
import { readTransmissionTroubles } from '../../../../engine/operator/read-transmission-troubles.js';
import { readTransitions } from '../../../../engine/operator/read-transitions.js';
import type { ApiDeps } from '../../deps.js';
import {
  outboxAnswer,
  outboxQuery,
  stuckAnswer,
  stuckQuery,
  transitionParams,
  transitionQuery,
  transitionsAnswer,
} from '../wire/operator.js';
import { pageOf } from '../wire/page.js';
import { transmissionTroublesAnswer } from '../wire/transmissions.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const LATE_CALLS_SHOWN = 100;

const tags = ['operator'];
/** They hold states and numbers, and nothing of anybody. */
const config = { access: 'read', audited: false } as const;

export function addOperatorRoutes(app: ZodApp, deps: ApiDeps): void {
  addStuck(app, deps);
  addOutbox(app, deps);
  addTransitions(app, deps);
  addTransmissionTroubles(app, deps);
}

const TROUBLES_SHOWN = 100;

function addTransmissionTroubles(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/operator/transmissions',
    {
      config,
      schema: {
        tags,
        summary: 'List transmissions that gave up, and invoices of a gateway that nobody was shown',
        description: 'The newest 100 of each.',
        response: { 200: transmissionTroublesAnswer },
      },
    },
    async () => {
      const { gaveUp, looseInvoices } = await readTransmissionTroubles(pool, TROUBLES_SHOWN);
      return {
        gaveUp: gaveUp.map((order) => ({ ...order, since: toTime(order.since) })),
        looseInvoices: looseInvoices.map((invoice) => ({
          ...invoice,
          askedAt: toTime(invoice.askedAt),
          lateAt: toTimeOrNull(invoice.lateAt),
        })),
      };
    },
  );
}

function addStuck(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/operator/stuck',
    {
      config,
      schema: {
        tags,
        summary:
          'List open attempts and orders past their deadline, and late calls to the node, longest overdue first',
        querystring: stuckQuery,
        response: { 200: stuckAnswer },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const after = cursor && { dueUs: cursor[0], subject: cursor[1] };
      const rows = await readStuck(pool, after, limit + 1);
      const page = pageOf(
        rows,
        limit,
        ({ position }) => [position.dueUs.toString(), position.subject],
        (row) => ({ ...row, openedAt: toTime(row.openedAt), since: toTime(row.since) }),
      );
      const outbox = await summarizeOutbox(pool);
      const calls = await readLateCalls(pool, LATE_CALLS_SHOWN);
      const mode = await readMaintenance(pool);
      return {
        maintenance: mode === undefined ? null : { ...mode, since: toTime(mode.since) },
        processes: [...page.entries],
        calls: calls.map((call) => ({ ...call, since: toTime(call.since) })),
        outbox: outbox.map((row) => ({ ...row, backlog: Number(row.backlog) })),
        nextCursor: page.nextCursor,
      };
    },
  );
}

function addOutbox(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/operator/outbox',
    {
      config,
      schema: {
        tags,
        summary: 'List outbox rows not yet delivered to NATS, Temporal or the node, oldest first',
        querystring: outboxQuery,
        response: { 200: outboxAnswer },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const rows = await readOutbox(pool, cursor?.[0] ?? 0n, limit + 1);
      const page = pageOf(
        rows,
        limit,
        ({ id }) => [id.toString()],
        (row) => ({
          ...row,
          id: row.id.toString(),
          createdAt: toTime(row.createdAt),
          since: toTime(row.since),
          availableAt: toTime(row.availableAt),
        }),
      );
      return { rows: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

function addTransitions(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/operator/transitions/:machine/:subject',
    {
      config,
      schema: {
        tags,
        summary: 'List every state change of an attempt or order',
        description:
          'The subject is <action>/<attempt>, its slash written as %2F, or an order’s id.',
        params: transitionParams,
        querystring: transitionQuery,
        response: { 200: transitionsAnswer },
      },
    },
    async ({ params, query: { cursor, limit } }) => {
      const rows = await readTransitions(pool, params, cursor?.[0] ?? 0n, limit + 1);
      const page = pageOf(
        rows,
        limit,
        ({ id }) => [id.toString()],
        (row) => ({ ...row, id: row.id.toString(), at: toTime(row.at) }),
      );
      return { transitions: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

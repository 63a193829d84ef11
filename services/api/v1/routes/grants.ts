import { grantAnswer } from '@quittance/sdk/answers';
import { isoOfUs } from '../../../../domain/credits/time.js';
import {
  approveGrant,
  rejectGrant,
  reverseGrant,
} from '../../../../engine/credits/decide-grant.js';
import { NO_CAPS } from '../../../../engine/credits/grant-caps.js';
import { listGrants } from '../../../../engine/credits/read-grants.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { tokenOf } from '../access.js';
import { answerStatus } from '../idempotency.js';
import { presentGrant } from '../present-grant.js';
import { emptyBody } from '../wire/action-request.js';
import { becauseBody, doneAnswer, grantParams, grantsAnswer, grantsQuery } from '../wire/staff.js';
import { toTime } from '../wire/values.js';

const LISTED = 200;
const tags = ['operator'];

/** Grants that wait for a second person, and those that are taken back. */
export function addGrantRoutes(app: ZodApp, deps: ApiDeps): void {
  addList(app, deps);
  addApprove(app, deps);
  addReject(app, deps);
  addReverse(app, deps);
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/operator/grants',
    {
      config: { access: 'read' },
      schema: {
        tags,
        summary: 'List grants, and those that wait for a second person',
        description: 'The newest 200.',
        querystring: grantsQuery,
        response: { 200: grantsAnswer },
      },
    },
    async ({ query: { state } }) => {
      const grants = await listGrants(reads, {
        limit: LISTED,
        ...(state === undefined ? {} : { state }),
      });
      return {
        grants: grants.map(({ expiresUs, ...grant }) => ({
          ...grant,
          amountMsat: grant.amountMsat.toString(),
          createdAt: toTime(grant.createdAt),
          expiresAt: expiresUs === null ? null : isoOfUs(expiresUs),
        })),
      };
    },
  );
}

function addApprove(app: ZodApp, { engine: { pool }, grantCaps = NO_CAPS }: ApiDeps): void {
  app.post(
    '/v1/operator/grants/:id/approve',
    {
      config: {
        access: 'grants',
        refusals: [
          ...(['grant.not_found', 'grant.second_person', 'grant.decided'] as const),
          ...(['grant.over_cap', 'credits.expiry_past', 'credits.amount_too_large'] as const),
        ],
      },
      schema: {
        tags,
        summary: 'Give what another operator has asked for',
        params: grantParams,
        body: emptyBody,
        response: { 200: grantAnswer, 201: grantAnswer },
      },
    },
    async (request, reply) => {
      const view = await approveGrant(pool, request.params.id, tokenOf(request), grantCaps);
      return reply.code(answerStatus(reply, view.replayed, 201)).send(presentGrant(view));
    },
  );
}

function addReject(app: ZodApp, { engine: { pool } }: ApiDeps): void {
  app.post(
    '/v1/operator/grants/:id/reject',
    {
      config: { access: 'grants', refusals: ['grant.not_found', 'grant.decided'] },
      schema: {
        tags,
        summary: 'Refuse a grant that waits',
        params: grantParams,
        body: becauseBody,
        response: { 200: doneAnswer },
      },
    },
    async (request) => {
      await rejectGrant(pool, request.params.id, tokenOf(request));
      return { done: true as const };
    },
  );
}

function addReverse(app: ZodApp, { engine: { pool } }: ApiDeps): void {
  app.post(
    '/v1/operator/grants/:id/reverse',
    {
      config: { access: 'grants', refusals: ['grant.not_found', 'grant.spent'] },
      schema: {
        tags,
        summary: 'Take a grant back',
        description: 'All of it, where the account still has as much of its asset.',
        params: grantParams,
        body: becauseBody,
        response: { 200: doneAnswer },
      },
    },
    async (request) => {
      const { params, body } = request;
      await reverseGrant(pool, params.id, tokenOf(request), body.because);
      return { done: true as const };
    },
  );
}

import { grantAnswer } from '@quittance/sdk/answers';
import type { ZodApp } from '../../zod-app.js';
import { grantByOperator } from '../../../../engine/credits/grant-by-operator.js';
import { tokenOf } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import { answerStatus } from '../idempotency.js';
import { presentGrant } from '../present-grant.js';
import { accountParams, grantBody } from '../wire/account.js';

export function addCreditRoutes(app: ZodApp, { engine, grantCaps }: ApiDeps): void {
  app.post(
    '/v1/accounts/:name/credits',
    {
      config: {
        access: 'grants',
        refusals: [
          ...(['account.not_found', 'grant.over_cap'] as const),
          ...(['credits.expiry_past', 'credits.amount_too_large'] as const),
        ],
      },
      schema: {
        tags: ['accounts'],
        summary: 'Grant credits or sats',
        description:
          'Credits are a lot of ledger actions: the oldest are spent first, expired ones cannot be spent. Sats never expire and are spent after credits. 202: it is above what one may grant alone within 24 hours, and waits for another operator.',
        params: accountParams,
        body: grantBody,
        response: { 200: grantAnswer, 201: grantAnswer, 202: grantAnswer },
      },
    },
    async (request, reply) => {
      const { id: grantedBy, role } = tokenOf(request);
      const accountName = request.params.name;
      const { expiresAt, ...body } = request.body;
      const view = await grantByOperator(engine.pool, {
        ...{ accountName, grantedBy, role, ...body, ...request.idempotency },
        ...(grantCaps === undefined ? {} : { caps: grantCaps }),
        ...(expiresAt === undefined ? {} : { expiresUs: expiresAt }),
      });
      const first = view.state === 'pending' ? 202 : 201;
      return reply.code(answerStatus(reply, view.replayed, first)).send(presentGrant(view));
    },
  );
}

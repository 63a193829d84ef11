import { grantAnswer } from '@quittance/sdk/answers';
import type { ZodApp } from '../../zod-app.js';
import { grantByOperator } from '../../../../engine/credits/grant-by-operator.js';
import { isoOfUs } from '../../../../domain/credits/time.js';
import { operatorOf } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import { answerStatus } from '../idempotency.js';
import { accountParams, grantBody } from '../wire/account.js';
import { toTime } from '../wire/values.js';

export function addCreditRoutes(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/accounts/:name/credits',
    {
      config: {
        access: 'operator',
        refusals: ['account.not_found', 'credits.expiry_past', 'credits.amount_too_large'],
      },
      schema: {
        tags: ['accounts'],
        summary: 'Grant credits or sats',
        description:
          'Credits are a lot of ledger actions: the oldest are spent first, expired ones cannot be spent. Sats never expire and are spent after credits.',
        params: accountParams,
        body: grantBody,
        response: { 200: grantAnswer, 201: grantAnswer },
      },
    },
    async (request, reply) => {
      const grantedBy = operatorOf(request).id;
      const accountName = request.params.name;
      const { expiresAt, ...body } = request.body;
      const grant = { accountName, grantedBy, ...body, ...request.idempotency };
      const { replayed, ...view } = await grantByOperator(engine.pool, {
        ...grant,
        ...(expiresAt === undefined ? {} : { expiresUs: expiresAt }),
      });
      return reply.code(answerStatus(reply, replayed, 201)).send({
        ...{ id: view.id, account: view.account, asset: view.asset, reason: view.reason },
        amountMsat: view.amountMsat.toString(),
        creditsMsat: view.creditsMsat.toString(),
        satsMsat: view.satsMsat.toString(),
        createdAt: toTime(view.createdAt),
        expiresAt: view.expiresUs === null ? null : isoOfUs(view.expiresUs),
      });
    },
  );
}

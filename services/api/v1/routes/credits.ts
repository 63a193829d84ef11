import { grantAnswer } from '@quittance/sdk/answers';
import type { ZodApp } from '../../zod-app.js';
import { grantByOperator } from '../../../../engine/credits/grant-by-operator.js';
import { isoOfUs, usOfIso } from '../../../../domain/credits/time.js';
import { operatorOf } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import { answerStatus } from '../idempotency.js';
import { accountParams, grantBody } from '../wire/account.js';
import { toTime } from '../wire/values.js';

export function addCreditRoutes(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/accounts/:name/credits',
    {
      config: { access: 'operator', refusals: ['account.not_found', 'credits.expiry_past'] },
      schema: {
        tags: ['accounts'],
        summary: 'Grant credits',
        description:
          'Creates a lot of ledger actions. The oldest credits are spent first; expired ones cannot be spent.',
        params: accountParams,
        body: grantBody,
        response: { 200: grantAnswer, 201: grantAnswer },
      },
    },
    async (request, reply) => {
      const grantedBy = operatorOf(request).id;
      const accountName = request.params.name;
      const { expiresAt, ...body } = request.body;
      const expiresUs = expiresAt === undefined ? undefined : usOfIso(expiresAt);
      const grant = { accountName, grantedBy, ...body, ...request.idempotency };
      const { replayed, ...view } = await grantByOperator(engine.pool, {
        ...grant,
        ...(expiresUs === undefined ? {} : { expiresUs }),
      });
      return reply.code(answerStatus(reply, replayed, 201)).send({
        ...{ id: view.id, account: view.account, reason: view.reason },
        amountMsat: view.amountMsat.toString(),
        creditsMsat: view.creditsMsat.toString(),
        createdAt: toTime(view.createdAt),
        expiresAt: view.expiresUs === null ? null : isoOfUs(view.expiresUs),
      });
    },
  );
}

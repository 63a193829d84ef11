import type { ZodApp } from '../zod-app.js';
import { grantByOperator } from '../../../activities/credits/grant-by-operator.js';
import { operatorOf } from '../access.js';
import type { ApiDeps } from '../deps.js';
import { answerStatus } from '../replayed.js';
import { accountParams, grantAnswer, grantBody } from '../wire/account.js';
import { toTime } from '../wire/values.js';

export function addCreditRoutes(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/accounts/:name/credits',
    {
      config: { access: 'operator', refusals: ['account.not_found'] },
      schema: {
        tags: ['accounts'],
        summary: 'Grant credits',
        params: accountParams,
        body: grantBody,
        response: { 200: grantAnswer, 201: grantAnswer },
      },
    },
    async (request, reply) => {
      const grantedBy = operatorOf(request).id;
      const accountName = request.params.name;
      const grant = { accountName, grantedBy, ...request.body, ...request.claim };
      const { replayed, ...view } = await grantByOperator(engine.pool, grant);
      return reply.code(answerStatus(reply, replayed, 201)).send({
        ...view,
        amountMsat: view.amountMsat.toString(),
        creditsMsat: view.creditsMsat.toString(),
        createdAt: toTime(view.createdAt),
      });
    },
  );
}

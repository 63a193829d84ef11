import { collectedAnswer } from '@quittance/sdk/answers';
import { collectClaims } from '../../../../engine/actions/collect-claims.js';
import { accountOf, capabilityIn } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import { answerStatus } from '../idempotency.js';
import { presentAction } from '../present-action.js';
import { logAbout } from '../../request-log.js';
import { actionParams, emptyBody } from '../wire/action-request.js';
import type { ZodApp } from '../../zod-app.js';

export function addClaimRoutes(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/actions/:id/claims/collect',
    {
      config: {
        access: 'account',
        refusals: ['action.not_found', 'action.nothing_owed', 'credits.amount_too_large'],
      },
      schema: {
        tags: ['actions'],
        summary: 'Collect what is owed for an action that was opened without an account',
        description:
          'Needs the action’s capability (Quittance-Capability) beside the token. All that is owed becomes credits of the token’s account, once.',
        params: actionParams,
        body: emptyBody,
        response: { 200: collectedAnswer },
      },
    },
    async (request, reply) => {
      const { id: actionId } = request.params;
      logAbout(request, { actionId });
      const { view, collectedMsat, replayed } = await collectClaims(engine, {
        actionId,
        capability: capabilityIn(request),
        collector: accountOf(request),
        ...request.idempotency,
      });
      return reply
        .code(answerStatus(reply, replayed, 200))
        .send({ ...presentAction(view), collectedMsat: collectedMsat.toString() });
    },
  );
}

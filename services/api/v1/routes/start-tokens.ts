import { startTokenAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { Refusal } from '../../../../domain/refusal.js';
import { actionWorkflowId, WORKFLOW_QUEUES } from '../../../../domain/names/workflows.js';
import { issueStartToken } from '../../../../engine/accounts/issue-start-token.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { typeToOpen } from '../../../../engine/actions/types/index.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { answerStatus } from '../idempotency.js';

const startTokenBody = z.strictObject({
  type: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ['ITEM_CREATE'] }),
  maxCostMsat: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, 'must be a positive whole number')
    .meta({ description: 'What the action may cost at most.', examples: ['10000'] }),
  validSeconds: z.int().min(1).max(300).default(60),
});

export function addStartTokenRoutes(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/start-tokens',
    {
      config: { access: 'anyone', refusals: ['action.unknown_type', 'action.login_required'] },
      schema: {
        tags: ['actions'],
        summary: 'Make a token for starting an action’s workflow in Temporal',
        description:
          'Another service starts the workflow `paidAction` with it. It is for one action, whose id is in the answer, of the caller’s account, of that type, at that cost at most, until it expires.',
        body: startTokenBody,
        response: { 200: startTokenAnswer, 201: startTokenAnswer },
      },
    },
    async (request, reply) => {
      const { type: name, maxCostMsat, validSeconds } = request.body;
      const { caller, ip } = request;
      const type = typeToOpen(name);
      const actor = caller.kind === 'account' ? caller.name : null;
      if (actor === null && !type.anonymous) {
        throw new Refusal('action.login_required', `${name} needs an account`);
      }
      const issued = await issueStartToken(engine, {
        ...{ type: name, maxCostMsat: BigInt(maxCostMsat), validSeconds, actor },
        origin: actor === null ? originOf(engine.secret, ip) : null,
        ...request.idempotency,
      });
      const { actionId } = issued;
      return reply.code(answerStatus(reply, issued.replayed, 201)).send({
        startToken: issued.token,
        actionId,
        workflowId: actionWorkflowId(actionId, 1),
        taskQueue: WORKFLOW_QUEUES.paidAction,
        expiresAt: issued.expiresAt.toISOString(),
      });
    },
  );
}

import { actionAnswer } from '@quittance/sdk/answers';
import type { ZodApp } from '../../zod-app.js';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import { extensionCodes } from '../../../../engine/extensions/registered.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import type { ApiDeps } from '../../deps.js';
import { openStatus, presentAction } from '../present-action.js';
import { answerStatus } from '../idempotency.js';
import { logAbout } from '../../request-log.js';
import { actionParams, emptyBody, retryBody } from '../wire/action-request.js';

const tags = ['actions'];

/** Routes that change the attempts of an action. */
export function addAttemptRoutes(app: ZodApp, deps: ApiDeps): void {
  addCancel(app, deps);
  addRetry(app, deps);
}

function addCancel(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/actions/:id/cancel',
    {
      config: { access: 'anyone', refusals: ['action.not_found', 'action.not_cancellable'] },
      schema: {
        tags,
        summary: 'Cancel the newest attempt',
        description:
          '200 with the outcome (it may have been paid first); 202 while the node has not answered.',
        params: actionParams,
        body: emptyBody,
        response: { 200: actionAnswer, 202: actionAnswer },
      },
    },
    async (request, reply) => {
      const { id: actionId } = request.params;
      logAbout(request, { actionId });
      const { caller, idempotency } = request;
      const cancelled = await cancelAction(engine, { actionId, caller, ...idempotency });
      return reply
        .code(answerStatus(reply, cancelled.replayed, cancelled.done ? 200 : 202))
        .send(presentAction(cancelled.view));
    },
  );
}

function addRetry(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/actions/:id/retry',
    {
      config: {
        access: 'anyone',
        refusals: [
          'account.frozen',
          'action.not_found',
          'action.not_retryable',
          'action.retry_lost',
          'action.insufficient_credits',
          'action.flow_not_supported',
          'action.no_wallet',
          'action.too_many_unpaid',
          'anonymous.too_much_unpaid',
          'service.maintenance',
          'item.not_found',
          'item.unpaid',
          'item.deleted',
          'item.duplicate',
          'item.own',
          'poll.over',
          'poll.voted',
          ...extensionCodes(),
        ],
      },
      schema: {
        tags,
        summary: 'Retry a failed action with a new attempt and invoice',
        description: 'Of concurrent retries of the same attempt one succeeds.',
        params: actionParams,
        body: retryBody,
        response: { 200: actionAnswer, 201: actionAnswer, 202: actionAnswer },
      },
    },
    async (request, reply) => {
      const { id: actionId } = request.params;
      logAbout(request, { actionId });
      const { attempt, payment, invoiceExpirySeconds } = request.body;
      const { view, replayed } = await retryAction(engine, {
        actionId,
        attempt,
        payment,
        caller: request.caller,
        origin: originOf(engine.secret, request.ip),
        ...request.idempotency,
        ...(invoiceExpirySeconds === undefined ? {} : { invoiceExpirySeconds }),
      });
      return reply.code(openStatus(reply, view, replayed)).send(presentAction(view));
    },
  );
}

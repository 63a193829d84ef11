import { openedAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { MAX_BOLT11_LENGTH } from '../../../../domain/payouts/bolt11-spelling.js';
import { openWithdrawal } from '../../../../engine/actions/outgoing/open-withdrawal.js';
import type { ApiDeps } from '../../deps.js';
import { logAbout } from '../../request-log.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { answerStatus } from '../idempotency.js';
import { presentAction } from '../present-action.js';
import { amountMsat } from '../wire/values.js';

const withdrawalBody = z.strictObject({
  bolt11: z.string().min(1).max(MAX_BOLT11_LENGTH).meta({
    description: 'A Lightning invoice, in any spelling.',
  }),
  amountMsat: amountMsat
    .optional()
    .meta({ description: 'Needed where the invoice names no amount.' }),
  maxFeeMsat: amountMsat
    .optional()
    .meta({ description: 'Most that routing may cost. Default: 1 %, at least 10 sats.' }),
});

export function addWithdrawalRoutes(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/withdrawals',
    {
      config: {
        access: 'account',
        refusals: [
          'account.frozen',
          'withdrawal.invalid_invoice',
          'withdrawal.amount_required',
          'withdrawal.invoice_expired',
          'withdrawal.invoice_used',
          'withdrawal.own_invoice',
          'withdrawal.insufficient_sats',
          'service.maintenance',
          'service.unavailable',
        ],
      },
      schema: {
        tags: ['withdrawals'],
        summary: 'Pay a Lightning invoice from the sats of the account',
        description:
          '202: the amount and the most that its fee may be are reserved, and the node is asked to pay. What became of it: GET /v1/actions/{id}. What routing did not cost goes back; all of it where the payment fails for good. An invoice is paid once.',
        body: withdrawalBody,
        response: { 200: openedAnswer, 202: openedAnswer },
      },
    },
    async (request, reply) => {
      const { view, replayed } = await openWithdrawal(engine, {
        ...{ bolt11: request.body.bolt11, caller: accountOf(request) },
        ...(request.body.amountMsat === undefined ? {} : { amountMsat: request.body.amountMsat }),
        ...(request.body.maxFeeMsat === undefined ? {} : { maxFeeMsat: request.body.maxFeeMsat }),
        ...request.idempotency,
      });
      logAbout(request, { actionId: view.id });
      return reply
        .code(answerStatus(reply, replayed, 202))
        .header('location', `/v1/actions/${view.id}`)
        .send(presentAction(view));
    },
  );
}

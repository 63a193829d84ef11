import { autoWithdrawalAnswer, openedAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { openWithdrawal } from '../../../../engine/actions/outgoing/open-withdrawal.js';
import { transact } from '../../../../engine/context.js';
import {
  type AutoWithdrawalSetting,
  readAutoWithdrawal,
  setAutoWithdrawal,
} from '../../../../engine/payouts/auto-withdrawals.js';
import type { ApiDeps } from '../../deps.js';
import { logAbout } from '../../request-log.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { answerStatus } from '../idempotency.js';
import { presentAction } from '../present-action.js';
import { wholeSatsMsat } from '../wire/values.js';
import { askedInvoice, withdrawalBody, WITHDRAWAL_REFUSALS } from '../wire/withdrawals.js';

const tags = ['withdrawals'];

const autoBody = z.strictObject({
  thresholdMsat: wholeSatsMsat
    .nullable()
    .meta({ description: 'Sats above it leave; whole sats. null: they stay.' }),
});

export function addWithdrawalRoutes(app: ZodApp, deps: ApiDeps): void {
  addOpen(app, deps);
  addAutoWithdrawal(app, deps);
}

/** A setting of the account; the relay opens the withdrawals. */
function addAutoWithdrawal(app: ZodApp, { engine, reads }: ApiDeps): void {
  const url = '/v1/withdrawals/auto';
  app.put(
    url,
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Let sats above a threshold leave by themselves, to a wallet of the account',
        description:
          'A withdrawal (AUTO_WITHDRAWAL) is opened when a tenth of the threshold, and at least 100 sats, are above it; none while one is open, nor for an hour after one failed.',
        body: autoBody,
        response: { 200: autoWithdrawalAnswer },
      },
    },
    async (request) => {
      const { id } = accountOf(request);
      const { thresholdMsat } = request.body;
      return present(await transact(engine, (tx) => setAutoWithdrawal(tx, id, thresholdMsat)));
    },
  );
  app.get(
    url,
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Whether sats leave by themselves, and above what',
        response: { 200: autoWithdrawalAnswer },
      },
    },
    async (request) => present(await readAutoWithdrawal(reads, accountOf(request).id)),
  );
}

function present({
  thresholdMsat,
  failure,
}: AutoWithdrawalSetting): z.output<typeof autoWithdrawalAnswer> {
  return { thresholdMsat: thresholdMsat?.toString() ?? null, failure };
}

function addOpen(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/withdrawals',
    {
      config: {
        access: 'account',
        refusals: ['account.frozen', ...WITHDRAWAL_REFUSALS],
      },
      schema: {
        tags,
        summary: 'Pay a Lightning invoice from the sats of the account',
        description:
          '202: the amount and the most that its fee may be are reserved, and the node is asked to pay. What became of it: GET /v1/actions/{id}. What routing did not cost goes back; all of it where the payment fails for good. An invoice is paid once.',
        body: withdrawalBody,
        response: { 200: openedAnswer, 202: openedAnswer },
      },
    },
    async (request, reply) => {
      const { view, replayed } = await openWithdrawal(engine, {
        ...{ ...askedInvoice(request.body), caller: accountOf(request) },
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

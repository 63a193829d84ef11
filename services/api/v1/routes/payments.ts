import { paymentStoryAnswer } from '@quittance/sdk/answers';
import { readPayment } from '../../../../engine/operator/payment/read-payment.js';
import type { ApiDeps } from '../../deps.js';
import { presentPayment } from '../present-payment.js';
import { actionParams } from '../wire/action-request.js';
import type { ZodApp } from '../../zod-app.js';

export function addPaymentRoutes(app: ZodApp, { engine, reads }: ApiDeps): void {
  app.get(
    '/v1/operator/payments/:id',
    {
      config: { access: 'read', refusals: ['payment.not_found'] },
      schema: {
        tags: ['operator'],
        summary: 'Tell everything about the payment of an action or an order',
        description:
          'Attempts with their state changes, legs and invoices, what the node says of each now, ledger entries, claims, and what is still to be delivered. The id is an action’s or an order’s.',
        params: actionParams,
        response: { 200: paymentStoryAnswer },
      },
    },
    async ({ params: { id } }) =>
      presentPayment(await readPayment({ pool: reads, node: engine.node, payees: engine }, id)),
  );
}

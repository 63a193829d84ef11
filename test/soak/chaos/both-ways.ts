import { randomUUID } from 'node:crypto';
import type { Action } from '@quittance/sdk';
import { toMsat } from '../../../domain/money.js';
import { RECEIVER } from './payees.js';
import { FINAL, ONE_PAYMENT, prepareAction, type Scenario, type Scenarios } from './scenarios.js';

/** Forwarded to a wallet of the author of the post: of less, routing would cost more than its budget. */
const wrappedZap: Scenario = (context) => {
  const args = { itemId: context.payeeItemId, sats: context.random.between(40, 90) };
  const client = context.random.chance(0.5) ? context.rich : context.system.client();
  return prepareAction(context, client, { type: 'ZAP', args, payment: 'invoice' });
};

/** Of sats, to a wallet that is not ours. */
const withdrawal: Scenario = ({ system, random, saver, payees, signal }) => {
  const idempotencyKey = randomUUID();
  let bolt11: string | undefined;
  const open = async (call: AbortSignal): Promise<Action> => {
    const amountMsat = toMsat(BigInt(random.between(1, 50)) * 1000n);
    const asked = { amountMsat, expirySeconds: 3600, memo: 'withdrawal' };
    if (bolt11 === undefined) {
      const invoice = await system.wallets.createInvoice(RECEIVER, asked);
      ({ bolt11 } = invoice);
      await payees.meet(random, invoice.hash);
    }
    return saver.withdraw({ bolt11 }, { signal: call, idempotencyKey });
  };
  const ended = ({ state }: Action): string => `withdrawal ${state}`;
  return {
    run: async () => ended(await saver.waitForAction((await open(signal)).id, { signal })),
    ask: async (askSignal) => {
      const action = await open(askSignal);
      return FINAL.includes(action.state) ? ended(action) : undefined;
    },
  };
};

/** Payments of every flow, one each, in and out. */
export const BOTH_WAYS: Scenarios = [...ONE_PAYMENT, [4, wrappedZap], [4, withdrawal]];

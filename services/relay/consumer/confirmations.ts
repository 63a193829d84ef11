import { confirmOrder, findTransmitted } from '../../../engine/transmissions/apply-confirmation.js';
import type { ApplyOutcome } from '../../../engine/context.js';
import { readConfirmation, type ConfirmationMessage } from '../../shared/messages/confirmations.js';
import type { MessageHandler } from './message-handler.js';

/** What stations report of transmissions: sent, received. Each takes the lock of its channel, so they are applied one by one. */
export const confirmations: MessageHandler<ConfirmationMessage, string | undefined> = {
  stream: 'CONFIRMATIONS',
  durable: 'confirmations',
  parse: readConfirmation,
  findTarget: findTransmitted,
  apply: async (_engine, tx, items) => {
    const outcomes: ApplyOutcome[] = [];
    for (const { body, target: orderId } of items) {
      const { kind, region } = body;
      outcomes.push(await confirmOrder(tx, orderId, { kind, regions: [region] }));
    }
    return outcomes;
  },
};

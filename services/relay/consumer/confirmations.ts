import { confirmOrder, findTransmitted } from '../../../engine/transmissions/apply-confirmation.js';
import { readConfirmation, type ConfirmationMessage } from '../../shared/messages/confirmations.js';
import type { MessageHandler } from './message-handler.js';

/** What stations say of transmissions: sent, received. */
export const stationConfirmations: MessageHandler<ConfirmationMessage, string | undefined> = {
  stream: 'CONFIRMATIONS',
  durable: 'confirmations',
  parse: readConfirmation,
  find: findTransmitted,
  apply: (tx, { kind, region }, orderId) => confirmOrder(tx, orderId, { kind, regions: [region] }),
};

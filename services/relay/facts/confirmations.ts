import {
  confirmOrder,
  findTransmitted,
} from '../../../activities/transmissions/apply-confirmation.js';
import { readConfirmation, type ConfirmationFact } from '../../shared/messages/confirmations.js';
import type { FactHandler } from './fact-handler.js';

/** What stations say of transmissions: sent, received. */
export const stationConfirmations: FactHandler<ConfirmationFact, string | undefined> = {
  stream: 'CONFIRMATIONS',
  durable: 'confirmations',
  parse: readConfirmation,
  find: findTransmitted,
  apply: (tx, { kind, region }, orderId) => confirmOrder(tx, orderId, { kind, regions: [region] }),
};

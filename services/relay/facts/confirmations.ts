import type { Engine } from '../../../activities/engine.js';
import { applyConfirmation } from '../../../activities/transmissions/apply-confirmation.js';
import { readConfirmation, type ConfirmationFact } from '../../shared/messages/confirmations.js';
import type { FactHandler } from './fact-handler.js';

/** What stations say of transmissions: sent, received. */
export function stationConfirmations(engine: Engine): FactHandler<ConfirmationFact> {
  return {
    stream: 'CONFIRMATIONS',
    durable: 'confirmations',
    parse: readConfirmation,
    apply: (tx, confirmation) => applyConfirmation(engine, tx, confirmation),
  };
}

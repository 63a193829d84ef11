import type { ConfirmationKind } from '../../../domain/transmissions/confirmation.js';
import { groupBy } from '../../../domain/group-by.js';
import {
  confirmOrder,
  findAllTransmitted,
  findTransmitted,
} from '../../../engine/transmissions/apply-confirmation.js';
import type { ApplyOutcome } from '../../../engine/context.js';
import { readConfirmation, type ConfirmationMessage } from '../../shared/messages/confirmations.js';
import type { MessageHandler } from './message-handler.js';

/** In which a transaction applies them: what was received has been sent. */
const KINDS: readonly ConfirmationKind[] = ['tx', 'rx'];

/**
 * What stations report of transmissions: sent, received. Each takes the lock of its channel, and those of one order come together, so
 * that they share a transaction: whoever pays waits for the same lock.
 */
export const confirmations: MessageHandler<ConfirmationMessage, string | undefined> = {
  stream: 'CONFIRMATIONS',
  durable: 'confirmations',
  parse: readConfirmation,
  findTarget: findTransmitted,
  findBatchable: async (db, bodies) => {
    const orders = await findAllTransmitted(
      db,
      bodies.map(({ txSeqNum }) => txSeqNum),
    );
    // Of one order only: locks of several channels would need an order.
    const [first] = orders.flatMap((id) => id ?? []);
    return orders.map((id) => (id === first ? id : undefined));
  },
  apply: async (_engine, tx, items) => {
    const [first] = items;
    if (first === undefined) return [];
    const byKind = groupBy(items, ({ body: { kind } }) => kind);
    const outcomes = new Map<unknown, ApplyOutcome>();
    for (const kind of KINDS) {
      const of = byKind.get(kind) ?? [];
      if (of.length === 0) continue;
      const regions = of.map(({ body: { region } }) => region);
      const outcome = await confirmOrder(tx, first.target, { kind, regions });
      for (const item of of) outcomes.set(item, outcome);
    }
    return items.map((item) => outcomes.get(item) ?? 'unknown');
  },
};

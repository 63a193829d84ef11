import type { PaymentHash } from '../../adapters/lightning/port.js';
import { Refusal } from '../../domain/refusal.js';
import { applyPaymentUpdate } from '../actions/outgoing/apply-payment.js';
import { type EngineContext, transact } from '../context.js';
import { decideForgotten, type Known } from '../payouts/forgotten.js';

/**
 * Applies what an operator knows of the payment of an action, once the node has forgotten it. Gives its hash. Throws Refusal
 * `payment.not_found` or `payment.not_forgotten`.
 */
export async function decidePayment(
  engine: EngineContext,
  actionId: string,
  known: Known,
): Promise<PaymentHash> {
  const { rows } = await engine.pool.query<{ hash: PaymentHash }>(
    `select hash from payments where action_id = $1 and state = 'open' order by attempt desc limit 1`,
    [actionId],
  );
  const [payment] = rows;
  if (payment === undefined) {
    throw new Refusal('payment.not_found', `action ${actionId} pays nobody now`);
  }
  const update = await decideForgotten(engine, payment, known);
  await transact(engine, (tx) => applyPaymentUpdate(engine, tx, update));
  return payment.hash;
}

import type { ClientBase } from 'pg';
import type { OutgoingPayment, PaymentHash, Preimage } from '../../adapters/lightning/port.js';
import type { Msat } from '../../domain/money.js';

/** What has become of an outgoing payment, for ever. */
export type PaymentUpdate =
  | {
      readonly hash: PaymentHash;
      readonly state: 'succeeded';
      readonly feeMsat: Msat;
      readonly preimage: Preimage;
      /** The send which was answered so, where that is not written yet. */
      readonly send?: number;
    }
  | {
      readonly hash: PaymentHash;
      readonly state: 'failed';
      readonly failure: string;
      /** How many sends there were when that was found. */
      readonly sends: number;
    };

/** What a success of the node says, to the n-th send. Throws where the node has left out the preimage. */
export function successOf(
  { hash, feeMsat, preimage }: OutgoingPayment,
  send?: number,
): PaymentUpdate {
  if (preimage === undefined) throw new Error(`payment ${hash} succeeded without a preimage`);
  return { hash, state: 'succeeded', feeMsat, preimage, ...(send === undefined ? {} : { send }) };
}

/**
 * Changes the payment's row; false where nothing is new in it, or where it was sent again since its failure was found. Its attempt is
 * locked. The schema refuses a failure while a send may still start the payment.
 */
export async function recordPaymentUpdate(tx: ClientBase, update: PaymentUpdate): Promise<boolean> {
  if (update.state === 'succeeded') {
    const { rowCount } = await tx.query(
      `update payments set state = 'succeeded', fee_msat = $2, preimage = $3, failure = null, changed_at = clock_timestamp()
       where hash = $1 and state <> 'succeeded'`,
      [update.hash, update.feeMsat, update.preimage],
    );
    return rowCount === 1;
  }
  const { rowCount } = await tx.query(
    `update payments p set state = 'failed', failure = $2, changed_at = clock_timestamp()
     where p.hash = $1 and p.state = 'open' and (select count(*) from sends where hash = p.hash) = $3`,
    [update.hash, update.failure, update.sends],
  );
  return rowCount === 1;
}

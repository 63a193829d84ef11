import type { Pool } from 'pg';
import { LightningError, type PaymentHash } from '../../adapters/lightning/port.js';
import { inTransaction } from '../../db/transaction.js';
import { Refusal } from '../../domain/refusal.js';
import { type Msat, ZERO_MSAT } from '../../domain/money.js';
import { FENCE_SECONDS } from '../../domain/payouts/sends.js';
import type { EngineContext } from '../context.js';
import { hashOfPreimage } from '../invoices/preimage.js';
import type { PaymentRow } from './payment-row.js';
import type { PaymentUpdate } from './payment-update.js';
import { readSends, recordAnswer } from './sends.js';

const FORGOTTEN = 'forgotten';

/** Since the first time; an alarm for operators, who decide by {@link decideForgotten}. */
export async function noteForgotten(pool: Pool, hash: PaymentHash): Promise<void> {
  await inTransaction(pool, (tx) =>
    tx.query(
      `update payments set forgotten_at = clock_timestamp() where hash = $1 and forgotten_at is null`,
      [hash],
    ),
  );
}

/** The right node is back. */
export async function forgetAlarm(pool: Pool, hash: PaymentHash): Promise<void> {
  await inTransaction(pool, (tx) =>
    tx.query('update payments set forgotten_at = null where hash = $1', [hash]),
  );
}

/** What an operator knows of a payment, from the payee or from the node of that time. A success is proved by its preimage. */
export type Known =
  { readonly preimage: string; readonly feeMsat?: Msat } | { readonly preimage?: undefined };

/**
 * What has become of a payment that the node has forgotten, by an operator's word. The node is asked once more: what it knows, counts.
 * Throws Refusal `payment.not_forgotten` where it needs no word, or might still succeed as far as our own rows say.
 */
export async function decideForgotten(
  { pool, node }: Pick<EngineContext, 'pool' | 'node'>,
  { hash }: Pick<PaymentRow, 'hash'>,
  known: Known,
): Promise<PaymentUpdate> {
  const shown = await node.lookupPayment(hash).catch((error: unknown) => {
    if (!(error instanceof LightningError)) throw error;
    throw refused(`the node does not answer: ${error.message}`);
  });
  if (shown !== undefined) throw refused(`the node says that it is ${shown.state}`);
  if (known.preimage !== undefined) {
    const { preimage, feeMsat = ZERO_MSAT } = known;
    if (hashOfPreimage(preimage) !== hash) throw refused('that is not its preimage');
    return { hash, state: 'succeeded', feeMsat, preimage };
  }
  const sends = await readSends(pool, hash);
  if (sends.length === 0) throw refused('it was never sent');
  if (!(await hasExpired(pool, hash))) throw refused('its invoice has not expired for a minute');
  await answerAll(pool, hash);
  return { hash, state: 'failed', failure: FORGOTTEN, sends: sends.length };
}

async function hasExpired(pool: Pool, hash: PaymentHash): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from payments where hash = $1 and expires_at + $2 * interval '1 second' <= clock_timestamp()`,
    [hash, FENCE_SECONDS],
  );
  return rowCount === 1;
}

/** The operator answers for sends that may still be on their way: the node would refuse their invoice as expired. */
async function answerAll(pool: Pool, hash: PaymentHash): Promise<void> {
  const sends = await readSends(pool, hash);
  for (const [index, { answer }] of sends.entries()) {
    if (answer === null) await recordAnswer(pool, hash, index + 1, FORGOTTEN);
  }
}

function refused(why: string): Refusal {
  return new Refusal('payment.not_forgotten', why);
}

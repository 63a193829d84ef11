import type { ClientBase } from 'pg';
import type { InvoiceFact } from '../../domain/actions/decide.js';
import type { PaymentHash } from '../../domain/lightning/port.js';
import type { Msat } from '../../domain/money.js';

/** What a node says of an invoice, wherever it was heard. */
export interface HeardFact {
  readonly hash: PaymentHash;
  readonly state: InvoiceFact;
  /** Held or settled, in msat; 0 when canceled. */
  readonly receivedMsat: Msat;
}

/** `unknown`: no invoice of ours, the node serves others too. `known`: nothing new. */
export type FactOutcome = 'applied' | 'known' | 'unknown';

/** From what an invoice may become what; the node's word that it was settled always counts. */
const SOURCES: Readonly<Record<InvoiceFact, readonly string[]>> = {
  held: ['wanted', 'open'],
  settled: ['wanted', 'open', 'held', 'canceled'],
  canceled: ['wanted', 'open', 'held'],
};

/**
 * Moves the invoice's own row; undefined when the fact is not news. Called with the owner's row locked, so that locks are always
 * taken in the same order.
 */
export async function recordFact(
  tx: ClientBase,
  fact: HeardFact,
): Promise<{ readonly invoiceExpired: boolean } | undefined> {
  const { rows } = await tx.query<{ invoiceExpired: boolean }>(
    `update invoices
     set state = $2, received_msat = greatest(received_msat, $3), changed_at = clock_timestamp()
     where hash = $1 and state = any($4)
     returning coalesce(expires_at <= clock_timestamp(), false) as "invoiceExpired"`,
    [fact.hash, fact.state, fact.receivedMsat, SOURCES[fact.state]],
  );
  return rows[0];
}

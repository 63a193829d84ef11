import type { ClientBase } from 'pg';
import type { InvoiceUpdateState } from '../../domain/actions/decide.js';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import type { Msat } from '../../domain/money.js';

/** What a node says of an invoice, wherever it was heard. */
export interface InvoiceUpdate {
  readonly hash: PaymentHash;
  readonly state: InvoiceUpdateState;
  /** Held or settled, in msat; 0 when canceled. */
  readonly receivedMsat: Msat;
}

/** From what an invoice may become what; the node's word that it was settled always counts. */
const SOURCES: Readonly<Record<InvoiceUpdateState, readonly string[]>> = {
  held: ['wanted', 'open'],
  settled: ['wanted', 'open', 'held', 'canceled'],
  canceled: ['wanted', 'open', 'held'],
};

/** What the invoice's own row says of a fact that is news. */
export interface RecordedUpdate {
  readonly invoiceExpired: boolean;
}

/**
 * Moves the invoices' own rows; gives nothing where the fact is not news. Called with the owners' rows locked, so that locks are
 * always taken in the same order. One fact per invoice.
 */
export async function recordUpdates(
  tx: ClientBase,
  facts: readonly InvoiceUpdate[],
): Promise<(RecordedUpdate | undefined)[]> {
  const { rows } = await tx.query<RecordedUpdate & { hash: PaymentHash }>(
    `update invoices i
     set state = f.state, received_msat = greatest(i.received_msat, f.received_msat), changed_at = clock_timestamp()
     from unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) as f(hash, state, received_msat, sources)
     where i.hash = f.hash and i.state = any(string_to_array(f.sources, ' '))
     returning i.hash, coalesce(i.expires_at <= clock_timestamp(), false) as "invoiceExpired"`,
    [
      facts.map(({ hash }) => hash),
      facts.map(({ state }) => state),
      facts.map(({ receivedMsat }) => receivedMsat),
      facts.map(({ state }) => SOURCES[state].join(' ')),
    ],
  );
  const recorded = new Map(rows.map((row) => [row.hash, row]));
  return facts.map(({ hash }) => recorded.get(hash));
}

export async function recordUpdate(
  tx: ClientBase,
  fact: InvoiceUpdate,
): Promise<RecordedUpdate | undefined> {
  const [recorded] = await recordUpdates(tx, [fact]);
  return recorded;
}

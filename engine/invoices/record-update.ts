import type { ClientBase } from 'pg';
import type { InvoiceUpdateState } from '../../domain/actions/decide.js';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import type { Msat } from '../../domain/money.js';

/** What a node says of an invoice: in a message, or in answer to a lookup. */
export interface InvoiceUpdate {
  readonly hash: PaymentHash;
  readonly state: InvoiceUpdateState;
  /** Held or settled, in msat; 0 when canceled. */
  readonly receivedMsat: Msat;
}

/** The states in which an update changes an invoice; a settlement always does. */
const SOURCES: Readonly<Record<InvoiceUpdateState, readonly string[]>> = {
  held: ['wanted', 'open'],
  settled: ['wanted', 'open', 'held', 'canceled'],
  canceled: ['wanted', 'open', 'held'],
};

/** What the invoice's row says, of an update that changed it. */
export interface RecordedUpdate {
  readonly invoiceExpired: boolean;
}

/**
 * Changes the rows of invoices, one update for each; undefined where it changed nothing. The payables' rows are locked before, so
 * that locks are always taken in the same order.
 */
export async function recordUpdates(
  tx: ClientBase,
  updates: readonly InvoiceUpdate[],
): Promise<(RecordedUpdate | undefined)[]> {
  const { rows } = await tx.query<RecordedUpdate & { hash: PaymentHash }>(
    `update invoices i
     set state = f.state, received_msat = greatest(i.received_msat, f.received_msat), changed_at = clock_timestamp()
     from unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) as f(hash, state, received_msat, sources)
     where i.hash = f.hash and i.state = any(string_to_array(f.sources, ' '))
     returning i.hash, coalesce(i.expires_at <= clock_timestamp(), false) as "invoiceExpired"`,
    [
      updates.map(({ hash }) => hash),
      updates.map(({ state }) => state),
      updates.map(({ receivedMsat }) => receivedMsat),
      updates.map(({ state }) => SOURCES[state].join(' ')),
    ],
  );
  const recorded = new Map(rows.map((row) => [row.hash, row]));
  return updates.map(({ hash }) => recorded.get(hash));
}

export async function recordUpdate(
  tx: ClientBase,
  update: InvoiceUpdate,
): Promise<RecordedUpdate | undefined> {
  const [recorded] = await recordUpdates(tx, [update]);
  return recorded;
}

import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import { invoiceMachine, type InvoiceUpdateState } from '../../domain/invoices/machine.js';
import type { Msat } from '../../domain/money.js';

/** What a node says of an invoice: in a message, or in answer to a lookup. */
export interface InvoiceUpdate {
  readonly hash: PaymentHash;
  readonly state: InvoiceUpdateState;
  /** Held or settled, in msat; 0 when canceled. */
  readonly receivedMsat: Msat;
}

/** A node closes an invoice by its own clock: one closed so shortly before our time was not closed by somebody. In seconds. */
const CLOCKS_DIFFER_SECONDS = 3;

/** What the invoice's row says, of an update that changed it. */
export interface RecordedUpdate {
  readonly invoiceExpired: boolean;
  /** Whether it is a hold invoice. */
  readonly hold: boolean;
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
     returning i.hash, i.kind = 'hold' as hold,
       coalesce(i.expires_at <= clock_timestamp() + $5 * interval '1 second', false) as "invoiceExpired"`,
    [
      updates.map(({ hash }) => hash),
      updates.map(({ state }) => state),
      updates.map(({ receivedMsat }) => receivedMsat),
      updates.map(({ state }) => invoiceMachine.transitions[state].from.join(' ')),
      CLOCKS_DIFFER_SECONDS,
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

import type { ClientBase, Pool } from 'pg';
import {
  type HeldHtlcs,
  LightningError,
  type Invoice,
  type PaymentHash,
  type Preimage,
} from '../../../adapters/lightning/port.js';
import type { Outcome } from '../../../adapters/lightning/simulator-client/wallet-protocol.js';
import type { Msat } from '../../../domain/money.js';
import { CANCELS_BEFORE_EXPIRY } from '../settings.js';

export interface InvoiceRow extends Omit<Invoice, 'held'> {
  readonly payee: string;
  readonly minFinalCltv: number;
  /** Since it was held. */
  readonly acceptHeight: number | null;
  readonly expiryHeight: number | null;
  readonly preimage: Preimage | null;
  readonly outcome: Outcome;
}

type Database = Pool | ClientBase;

const COLUMNS = `payee, hash, kind, state, bolt11, amount_msat as "amountMsat",
  received_msat as "receivedMsat", preimage, outcome, min_final_cltv as "minFinalCltv",
  accept_height as "acceptHeight", expiry_height as "expiryHeight",
  created_at as "createdAt", expires_at as "expiresAt"`;

export type NewInvoice = Omit<
  InvoiceRow,
  'state' | 'receivedMsat' | 'acceptHeight' | 'expiryHeight'
> & { readonly memo: string; readonly descriptionHash: string | null };

/** Refused with `duplicate_hash`, also when the earlier invoice is canceled, as on lnd. */
export async function insertInvoice(database: Database, invoice: NewInvoice): Promise<InvoiceRow> {
  const { rows } = await database.query<InvoiceRow>(
    `insert into lightning_sim.invoices
       (payee, hash, kind, bolt11, amount_msat, memo, preimage, outcome, created_at, expires_at,
        description_hash, min_final_cltv)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (payee, hash) do nothing returning ${COLUMNS}`,
    [
      invoice.payee,
      invoice.hash,
      invoice.kind,
      invoice.bolt11,
      invoice.amountMsat,
      invoice.memo,
      invoice.preimage,
      invoice.outcome,
      invoice.createdAt,
      invoice.expiresAt,
      invoice.descriptionHash,
      invoice.minFinalCltv,
    ],
  );
  const [row] = rows;
  if (row === undefined) {
    throw LightningError.refused('duplicate_hash', 'an invoice with this payment hash exists');
  }
  return row;
}

export async function findInvoice(
  database: Database,
  payee: string,
  hash: PaymentHash,
): Promise<InvoiceRow | undefined> {
  const { rows } = await database.query<InvoiceRow>(
    `select ${COLUMNS} from lightning_sim.invoices where payee = $1 and hash = $2 and not forgotten`,
    [payee, hash],
  );
  return rows[0];
}

/** The invoice with this text, of any payee. */
export async function findByText(
  database: Database,
  hash: PaymentHash,
  bolt11: string,
): Promise<InvoiceRow | undefined> {
  const { rows } = await database.query<InvoiceRow>(
    `select ${COLUMNS} from lightning_sim.invoices where hash = $1 and bolt11 = lower($2)`,
    [hash, bolt11],
  );
  return rows[0];
}

type Key = Pick<InvoiceRow, 'payee' | 'hash'>;

export async function markHeld(
  tx: ClientBase,
  { payee, hash }: Key,
  held: HeldHtlcs & { readonly receivedMsat: Msat; readonly timeoutSeconds: number },
): Promise<void> {
  await tx.query(
    `update lightning_sim.invoices
        set state = 'held', received_msat = $3, accept_height = $5, expiry_height = $6,
            held_until = clock_timestamp() + $4 * interval '1 second'
      where payee = $1 and hash = $2 and state = 'open'`,
    [payee, hash, held.receivedMsat, held.timeoutSeconds, held.acceptHeight, held.expiryHeight],
  );
}

export async function markSettled(
  tx: ClientBase,
  { payee, hash }: Key,
  settled: { readonly receivedMsat: Msat; readonly preimage: Preimage },
): Promise<void> {
  await tx.query(
    `update lightning_sim.invoices
        set state = 'settled', received_msat = $3, preimage = $4, held_until = null
      where payee = $1 and hash = $2 and state in ('open', 'held')`,
    [payee, hash, settled.receivedMsat, settled.preimage],
  );
}

export async function markCanceled(tx: ClientBase, { payee, hash }: Key): Promise<void> {
  await tx.query(
    `update lightning_sim.invoices set state = 'canceled', received_msat = 0, held_until = null
      where payee = $1 and hash = $2 and state in ('open', 'held')`,
    [payee, hash],
  );
}

/** Open past their expiry, or held until the payment's timeout or too near to the expiry of an HTLC. */
export async function overdueInvoices(
  database: Database,
  payee: string,
  limit: number,
): Promise<InvoiceRow[]> {
  const { rows } = await database.query<InvoiceRow>(
    `select ${COLUMNS} from lightning_sim.invoices
      where payee = $1 and (state = 'open' and expires_at <= clock_timestamp()
        or state = 'held' and (held_until <= clock_timestamp()
          or expiry_height - $3 <= (select block_height from lightning_sim.node)))
      order by expires_at limit $2`,
    [payee, limit, CANCELS_BEFORE_EXPIRY],
  );
  return rows;
}

export async function setOutcome(
  tx: ClientBase,
  { payee, hash }: Key,
  outcome: Outcome,
): Promise<void> {
  await tx.query('update lightning_sim.invoices set outcome = $3 where payee = $1 and hash = $2', [
    payee,
    hash,
    outcome,
  ]);
}

import type { Pool } from 'pg';
import type { PaymentHash } from '../../../adapters/lightning/port.js';
import type { Msat } from '../../../domain/money.js';
import { NODE } from './parties.js';

export interface SettledInvoice {
  readonly hash: PaymentHash;
  readonly receivedMsat: Msat;
  readonly settledAt: Date;
}

/** What the node has been paid, in order of the hashes, after the given one. */
export async function settledInvoices(
  pool: Pool,
  after: string,
  limit: number,
): Promise<SettledInvoice[]> {
  const { rows } = await pool.query<SettledInvoice>(
    `with page as materialized (
       select hash, received_msat, created_at from lightning_sim.invoices
       where payee = $1 and state = 'settled' and hash > $2 order by hash limit $3),
     seen as (
       select hash, min(at) as at from lightning_sim.events
       where type = 'invoice' and state = 'settled' and hash in (select hash from page) group by hash)
     select hash, received_msat as "receivedMsat", coalesce(seen.at, created_at) as "settledAt"
     from page left join seen using (hash) order by hash`,
    [NODE, after, limit],
  );
  return rows;
}

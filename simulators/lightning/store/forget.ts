import type { Pool } from 'pg';
import type { PaymentHash } from '../../../adapters/lightning/port.js';
import { NODE } from './parties.js';

/** Hides an invoice and ended payments of the node from its own look-ups; the money stays where it is. */
export async function forget(pool: Pool, hash: PaymentHash): Promise<void> {
  await pool.query(
    `with hidden as (
       update lightning_sim.invoices set forgotten = true where payee = $1 and hash = $2)
     update lightning_sim.payments set forgotten = true
      where payer = $1 and hash = $2 and state <> 'in_flight'`,
    [NODE, hash],
  );
}

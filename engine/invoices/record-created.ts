import type { ClientBase } from 'pg';
import type { CreatedInvoice } from '../../adapters/lightning/port.js';
import { finishCall } from '../outbox.js';
import { pipeline } from '../../db/pipeline.js';

/**
 * Records what the node has created, once, and that the call is done. Times are the database's. Unless its attempt is in one of
 * `unlessIn`, in which it must not be shown; sent after the attempt's transition, whose lock keeps the state as it is.
 */
export async function recordCreated(
  tx: ClientBase,
  { hash, bolt11, node }: Pick<CreatedInvoice, 'hash' | 'bolt11' | 'node'>,
  unlessIn: readonly string[] = [],
): Promise<void> {
  await pipeline([
    tx.query(
      `update invoices i set bolt11 = $2, node = $4, expires_at = clock_timestamp() + i.expiry_seconds * interval '1 second',
         changed_at = clock_timestamp(), state = case when i.state = 'wanted' then 'open' else i.state end
       where i.hash = $1 and i.bolt11 is null and not exists (
         select from attempts a where a.action_id = i.action_id and a.attempt = i.attempt and a.state = any($3::text[]))`,
      [hash, bolt11, unlessIn, node],
    ),
    finishCall(tx, 'create_invoice', hash),
  ]);
}

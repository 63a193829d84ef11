import { z } from 'zod';
import type { OwnHashes } from '../../../adapters/lightning/lnd/journal.js';
import type { Queries } from './stored-journal.js';

const hashes = z.array(z.object({ hash: z.string() }));

/** SQL: longer ago than nobody watches the node, and short enough for what the node does not know any more. */
const LATELY = `changed_at > clock_timestamp() - interval '1 day'`;

/** A hash is ours before the node is asked to make an invoice of it. */
export function ownHashes(database: Queries): OwnHashes {
  const select = async (text: string, ...values: string[]): Promise<string[]> => {
    const { rows } = await database.query(text, values);
    return hashes.parse(rows).map(({ hash }) => hash);
  };
  return {
    isOwn: async (hash) =>
      (await select('select hash from payment_hashes where hash = $1', hash)).length > 0,
    openInvoices: () =>
      select(
        `(select hash from invoices where state in ('wanted', 'open', 'held') and gateway is null order by created_at)
         union all
         (select hash from invoices i
          where state in ('settled', 'canceled') and gateway is null and bolt11 is not null and ${LATELY}
            and not exists (select from lightning_journal j
              where j.hash = i.hash and j.type = 'invoice' and j.state = i.state)
          order by changed_at)`,
      ),
    openPayments: () =>
      select(
        `(select hash from payments p where state = 'open'
            and exists (select from sends where hash = p.hash) order by created_at)
         union all
         (select hash from payments p where state <> 'open' and ${LATELY}
            and exists (select from sends where hash = p.hash)
            and not exists (select from lightning_journal j
              where j.hash = p.hash and j.type = 'payment' and j.state = p.state)
          order by changed_at)`,
      ),
  };
}

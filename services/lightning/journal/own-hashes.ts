import { z } from 'zod';
import type { OwnHashes } from '../../../adapters/lightning/lnd/journal.js';
import type { Queries } from './stored-journal.js';

const hashes = z.array(z.object({ hash: z.string() }));

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
        `select hash from invoices where state in ('wanted', 'open', 'held') order by created_at`,
      ),
    openPayments: () =>
      select(
        `select hash from payments p where state = 'open'
            and exists (select from sends where hash = p.hash) order by created_at`,
      ),
  };
}

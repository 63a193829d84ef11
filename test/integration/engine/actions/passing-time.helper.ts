import { inTransaction } from '../../../../db/transaction.js';
import type { PaymentHash } from '../../../../adapters/lightning/port.js';
import type { ActionFixture } from './fixture.helper.js';

/** A payment becomes older, by the database's clock and by the node's, which differ. Its rows are fixed, so this goes around the schema. */
export async function passTime(
  { pool, node }: ActionFixture,
  hash: PaymentHash,
  seconds: number,
  nodeSeconds = seconds,
): Promise<void> {
  node.sendsAheadMs += nodeSeconds * 1000;
  await inTransaction(pool, async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(
      `update payments set expires_at = expires_at - $2 * interval '1 second' where hash = $1`,
      [hash, seconds],
    );
    await tx.query(
      `update sends set sent_at = sent_at - $2 * interval '1 second', answered_at = answered_at - $2 * interval '1 second'
       where hash = $1`,
      [hash, seconds],
    );
  });
}

import type { PaymentHash } from '../../adapters/lightning/port.js';
import type { EngineContext } from '../context.js';
import type { PaymentUpdate } from './payment-update.js';

type Node = Pick<EngineContext, 'pool' | 'node'>;

/** What the watcher has seen of a payment that the node does not know any more; undefined where that is no success. */
export async function seenToSucceed(
  { pool }: Pick<Node, 'pool'>,
  hash: PaymentHash,
): Promise<PaymentUpdate | undefined> {
  const { rows } = await pool.query<
    Pick<PaymentUpdate & { state: 'succeeded' }, 'feeMsat' | 'preimage'>
  >(
    `select fee_msat as "feeMsat", preimage from lightning_journal
     where hash = $1 and type = 'payment' and state = 'succeeded' limit 1`,
    [hash],
  );
  return rows[0] && { hash, state: 'succeeded', ...rows[0] };
}

/**
 * Whether the node does not know the payment either that had succeeded at it last, before this one was first sent: its payments were
 * deleted, or it was restored. False where there is none. What an operator has decided, it need not know.
 */
export async function hasLostOthers({ pool, node }: Node, hash: PaymentHash): Promise<boolean> {
  const { rows } = await pool.query<{ hash: PaymentHash }>(
    `select c.hash from payments c, payments p
     where p.hash = $1 and c.state <> 'open' and c.state = 'succeeded' and c.forgotten_at is null
       and c.node is not distinct from p.node
       and c.changed_at < (select min(sent_at) from sends where hash = p.hash)
       and exists (select from sends where hash = c.hash)
     order by c.changed_at desc limit 1`,
    [hash],
  );
  const [last] = rows;
  return last !== undefined && (await node.lookupPayment(last.hash)) === undefined;
}

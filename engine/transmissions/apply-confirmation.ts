import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import type { ApplyOutcome } from '../context.js';
import {
  type ConfirmationKind,
  type Coverage,
  eventForConfirmation,
} from '../../domain/transmissions/confirmation.js';
import { type LockedChannel, lockChannelOf } from './locked-channel.js';
import { endTransmission } from './end-transmission.js';
import { moveOrder } from './move-order.js';
import type { OrderRow } from './order-row.js';
import { deadlineIn, startNext } from './start-next.js';

/** Confirmations of one order, of the same kind. Regions are 0 to 5. */
export interface Confirmations {
  readonly kind: ConfirmationKind;
  readonly regions: readonly number[];
}

/** The orders that have these sequence numbers, in their order. */
export async function findAllTransmitted(
  db: Pick<ClientBase, 'query'>,
  txSeqNums: readonly number[],
): Promise<(string | undefined)[]> {
  const { rows } = await db.query<{ n: number; id: string }>(
    'select tx_seq_num as n, id from orders where tx_seq_num = any($1::integer[])',
    [[...new Set(txSeqNums)]],
  );
  const ids = new Map(rows.map(({ n, id }) => [n, id]));
  return txSeqNums.map((n) => ids.get(n));
}

/** The order that has this sequence number. Never changes. */
export async function findTransmitted(
  tx: ClientBase,
  { txSeqNum }: { readonly txSeqNum: number },
): Promise<string | undefined> {
  const [id] = await findAllTransmitted(tx, [txSeqNum]);
  return id;
}

/**
 * Applies the confirmations of regions in the caller's transaction: any number of times, in any order, in any state that has a
 * sequence number. The state moves once, by all of them.
 */
export async function confirmOrder(
  tx: ClientBase,
  orderId: string | undefined,
  { kind, regions }: Confirmations,
): Promise<ApplyOutcome> {
  if (orderId === undefined) return 'unknown';
  const [locked, { rowCount }, covered] = await pipeline([
    lockChannelOf(tx, orderId, 'other'),
    tx.query(
      `insert into confirmations (order_id, kind, region)
       select $1, $2, region from unnest($3::integer[]) region on conflict do nothing`,
      [orderId, kind, regions],
    ),
    readCovered(tx, orderId),
  ]);
  if (locked === undefined) return 'unknown';
  if (rowCount === 0) return 'known';
  const { channel, order } = locked;
  if (order.closed_at !== null) return 'applied';
  const event = eventForConfirmation(order.state, kind, { ordered: order.regions, ...covered });
  if (event === 'sent' || event === 'received') await endTransmission(channel, order, event);
  else if (kind === 'tx') await waitForOthers(channel, order, event);
  if (event !== undefined) await startNext(channel);
  return 'applied';
}

async function readCovered(tx: ClientBase, orderId: string): Promise<Pick<Coverage, 'tx' | 'rx'>> {
  const { rows } = await tx.query<{ tx: number; rx: number }>(
    `select coalesce(bit_or(1 << region) filter (where kind = 'tx'), 0) as tx,
            coalesce(bit_or(1 << region) filter (where kind = 'rx'), 0) as rx
     from confirmations where order_id = $1`,
    [orderId],
  );
  return rows[0] ?? { tx: 0, rx: 0 };
}

/** The message has been sent: the other regions have the timeout from this confirmation on. */
async function waitForOthers(
  channel: LockedChannel,
  order: OrderRow,
  event: 'tx_confirmed' | undefined,
): Promise<void> {
  const times = deadlineIn(order.confirm_timeout_seconds);
  if (event === 'tx_confirmed') {
    await moveOrder(channel, order.id, { event, set: times });
    return;
  }
  // Only later than before: the workflow, which looks at the old deadline, needs no wake.
  await channel.tx.query(
    `update orders set deadline_at = d.at, due_at = d.at
     from (select clock_timestamp() + confirm_timeout_seconds * interval '1 second' as at
           from orders where id = $1) d
     where id = $1 and state = 'confirming' and not retry_wanted and gave_up_at is null`,
    [order.id],
  );
}

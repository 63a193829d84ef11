import type { ClientBase } from 'pg';
import type { Step } from '../../domain/workflow-step.js';
import { type OrderCall, stepForOrder } from '../../domain/transmissions/step.js';
import { RECHECK_SECONDS } from '../../domain/transmissions/timing.js';
import type { RegionBits } from '../../domain/transmissions/regions.js';
import { DEFAULT_TRANSMISSIONS } from '../../domain/transmissions/settings.js';
import { type EngineContext, transact } from '../context.js';
import type { ChangedBy } from '../transition.js';
import { expireOrder } from './end-order.js';
import { endTransmission, presume } from './end-transmission.js';
import { type LockedChannel, lockChannelOf } from './locked-channel.js';
import { moveOrder, WAITS_TO_BE_SENT_AGAIN } from './move-order.js';
import type { OrderRow } from './order-row.js';
import { deadlineIn, MISSING_REGIONS, startNext } from './start-next.js';

interface OrderStatusRow extends OrderRow {
  readonly pending: number;
  readonly open: number;
  readonly missing: RegionBits;
  /** Of the last transition, once the order has ended. */
  readonly reason: string | null;
  readonly now: Date;
  readonly deadline_passed: boolean;
  /** Nothing is being transmitted on its channel. */
  readonly channel_free: boolean;
}

/** A step of the order's workflow: does what is due, and says what is needed next. */
export function advanceOrder(
  engine: EngineContext,
  { orderId }: { readonly orderId: string },
): Promise<Step<OrderCall>> {
  return transact(engine, async (tx) => {
    const before = await readStatus(tx, orderId);
    if (before === undefined) return NO_SUCH_ORDER;
    await doDueStep(engine, tx, before);
    await touch(tx, orderId);
    const order = (await readStatus(tx, orderId)) ?? before;
    return stepForOrder({
      state: order.state,
      reason: order.reason,
      pending: order.pending,
      open: order.open,
      missing: order.missing,
      retryWanted: order.retry_wanted,
      bidMsat: order.bid_msat + order.unpaid_bid_msat,
      deadlineMs: order.deadline_at?.getTime() ?? null,
      dueMs: order.due_at?.getTime() ?? null,
      nowMs: order.now.getTime(),
    });
  });
}

const NO_SUCH_ORDER: Step<OrderCall> = {
  ...{ state: 'unknown', reason: 'there is no such order', finished: true },
  ...{ call: null, waitMs: null },
  story: { awaits: 'nothing', amountMsat: '0', deadline: null },
};

async function readStatus(tx: ClientBase, orderId: string): Promise<OrderStatusRow | undefined> {
  const { rows } = await tx.query<OrderStatusRow>(
    `select o.*, clock_timestamp() as now, coalesce(o.deadline_at <= clock_timestamp(), false) as deadline_passed,
       (select count(*)::integer from invoices i where i.order_id = o.id and i.state = 'wanted') as pending,
       (select count(*)::integer from invoices i where i.order_id = o.id and i.state = 'open') as open,
       o.regions & ~coalesce((
         select bit_or(1 << c.region) from confirmations c where c.order_id = o.id and c.kind = 'tx'), 0) as missing,
       case when o.state in ('received', 'cancelled', 'expired') then (
         select reason from transitions where machine = 'order' and subject = o.id::text
         order by id desc limit 1) end as reason,
       not exists (select from orders t where t.channel = o.channel and t.state = 'transmitting') as channel_free
     from orders o where o.id = $1`,
    [orderId],
  );
  return rows[0];
}

/** Reads without locks first: most steps find nothing due, and the channel is shared. */
async function doDueStep(
  { transmissions: { closeAfterSeconds } }: Pick<EngineContext, 'transmissions'>,
  tx: ClientBase,
  order: OrderStatusRow,
): Promise<void> {
  if (order.state === 'pending') {
    if (order.pending + order.open === 0)
      await expireOrder(tx, order.id, 'no invoice of it is open', 'workflow');
  } else if (order.deadline_passed) {
    await timeOut(tx, order.id, 'workflow', closeAfterSeconds);
  } else if (order.channel_free && (order.state === 'paid' || order.retry_wanted)) {
    const locked = await lockChannelOf(tx, order.id, 'workflow');
    if (locked !== undefined) await startNext(locked.channel);
  }
}

/**
 * An order that waits for its channel is found by whoever frees it: it is looked at again only in case that was missed.
 */
async function touch(tx: ClientBase, orderId: string): Promise<void> {
  await tx.query(
    `update orders set due_at = case when retry_at > clock_timestamp()
       then least(retry_at, clock_timestamp() + $2 * interval '1 second')
       else clock_timestamp() + $2 * interval '1 second' end
     where id = $1 and due_at <= clock_timestamp() and (state = 'paid' or retry_wanted)`,
    [orderId, RECHECK_SECONDS],
  );
}

/**
 * Ends the wait for the missing regions of an order whose deadline has passed: it is to be sent again, and the channel is free for
 * the next. False when the deadline has not passed, or another one has been set meanwhile.
 */
export async function timeOut(
  tx: ClientBase,
  orderId: string,
  by: ChangedBy = 'other',
  closeAfterSeconds = DEFAULT_TRANSMISSIONS.closeAfterSeconds,
): Promise<boolean> {
  const locked = await lockChannelOf(tx, orderId, by);
  if (locked === undefined) return false;
  const { channel, order } = locked;
  if (order.state !== 'transmitting' && order.state !== 'confirming') return false;
  const { rows } = await tx.query<{ passed: boolean }>(
    'select coalesce(deadline_at <= clock_timestamp(), false) as passed from orders where id = $1',
    [orderId],
  );
  if (rows[0]?.passed !== true) return false;
  await leaveUnconfirmed(channel, order, closeAfterSeconds);
  await startNext(channel);
  return true;
}

/** What its policy says of an order whose regions have not confirmed in time. */
async function leaveUnconfirmed(
  channel: LockedChannel,
  order: OrderRow,
  closeAfterSeconds: number,
): Promise<void> {
  const { retry_count: tries, retry_limit: limit, presume_after: presumeAfter } = order;
  if (order.gave_up_at !== null) {
    await presume(channel, order, 'tx', order.regions);
    return endTransmission(channel, order, 'closed', 'no region has confirmed since it gave up');
  }
  if (presumeAfter !== null && tries >= presumeAfter) {
    await presume(channel, order, 'tx', order.regions);
    return endTransmission(channel, order, 'sent', `presumed after ${tries} retransmissions`);
  }
  if (limit !== null && tries >= limit) {
    await moveOrder(channel, order.id, {
      event: 'gave_up',
      reason: `sent again ${tries} times`,
      set: (param) => ({
        ...{ gave_up_at: 'clock_timestamp()', retry_regions: MISSING_REGIONS },
        ...deadlineIn(closeAfterSeconds)(param),
      }),
    });
    return;
  }
  await moveOrder(channel, order.id, {
    event: order.state === 'transmitting' ? 'timed_out' : 'missed',
    set: () => ({ retry_regions: MISSING_REGIONS, ...WAITS_TO_BE_SENT_AGAIN }),
  });
}

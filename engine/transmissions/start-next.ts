import { pipeline } from '../../db/pipeline.js';
import { confirmationTimeout } from '../../domain/transmissions/timing.js';
import { failpoint } from '../failpoint.js';
import { announceTransmission } from './announce-transmission.js';
import type { LockedChannel } from './locked-channel.js';
import { moveOrder, type OrderMove, WAITS_NO_MORE } from './move-order.js';
import { lockOrder, type OrderRow } from './order-row.js';

/**
 * Starts the next transmission of the channel, if the channel is free and an order waits. Does nothing otherwise, so it can be
 * called by everyone who may have freed the channel or joined the queue.
 */
export async function startNext(channel: LockedChannel): Promise<OrderRow | undefined> {
  const nextId = await chooseNext(channel);
  const order = nextId === undefined ? undefined : await lockOrder(channel.tx, nextId);
  if (order === undefined) return undefined;
  const started =
    order.state === 'paid'
      ? await startFirst(channel, order)
      : await startRetransmission(channel, order);
  if (started !== undefined) await announceTransmission(channel, 'started', started);
  return started;
}

/**
 * The order that is next on a free channel: first transmissions before retransmissions, and the highest bid per byte among them.
 * Among retransmissions the one with the fewest tries, then the bid: by bid alone, as the peer has it, an order that no region
 * confirms would keep all others from being sent again. One that has waited for longer than its order allows goes before all.
 * Ties go to the older one. Each part walks an index.
 */
async function chooseNext(channel: LockedChannel): Promise<string | undefined> {
  const { rows } = await channel.tx.query<{ id: string }>(
    `with busy as (select from orders where channel = $1 and state = 'transmitting'),
     first as (
       select id, 1 as place from orders where channel = $1 and state = 'paid'
       order by bid_per_byte desc, created_at, id limit 1),
     again as (
       select id, 2 as place from orders where channel = $1 and retry_wanted
         and (retry_at is null or retry_at <= clock_timestamp())
       order by retry_count, bid_per_byte desc, created_at, id limit 1),
     long_waited as (
       select id, 0 as place from orders where channel = $1 and retry_wanted and turn_after_seconds is not null
         and (retry_at is null or retry_at <= clock_timestamp())
         and greatest(retry_since, retry_at) + turn_after_seconds * interval '1 second' <= clock_timestamp()
       order by retry_since, id limit 1)
     select id from (select * from first union all select * from again union all select * from long_waited) waiting
     where not exists (select from busy) order by place limit 1`,
    [channel.number],
  );
  return rows[0]?.id;
}

/** The sequence number is taken in the transaction that uses it: none is lost, none is used twice. */
async function startFirst(channel: LockedChannel, order: OrderRow): Promise<OrderRow> {
  const [, started] = await pipeline([
    channel.tx.query('update transmission_counter set last = last + 1'),
    moveOrder(channel, order.id, {
      event: 'started',
      set: (param) => ({
        tx_seq_num: '(select last from transmission_counter)',
        started_at: 'clock_timestamp()',
        ...untilConfirmed(channel, order)(param),
      }),
    }),
  ]);
  if (started === undefined) throw new Error(`order ${order.id} is locked and did not start`);
  await failpoint('in-start-transaction');
  return started;
}

async function startRetransmission(
  channel: LockedChannel,
  order: OrderRow,
): Promise<OrderRow | undefined> {
  return moveOrder(channel, order.id, {
    event: 'restarted',
    set: (param) => ({
      ...WAITS_NO_MORE,
      retry_count: param(order.retry_count + 1),
      retry_regions: MISSING_REGIONS,
      last_attempt_at: 'clock_timestamp()',
      ...untilConfirmed(channel, order)(param),
    }),
  });
}

/** The ordered regions that have not confirmed sending, of the order in row `r`. */
export const MISSING_REGIONS = `r.regions & ~coalesce((
  select bit_or(1 << c.region) from confirmations c where c.order_id = r.id and c.kind = 'tx'), 0)`;

/** It starts now, so the timeout counts from now. */
function untilConfirmed(channel: LockedChannel, order: OrderRow): NonNullable<OrderMove['set']> {
  return deadlineIn(
    confirmationTimeout({
      otaBytes: order.ota_bytes,
      rate: order.rate_bytes_per_second ?? channel.rate,
      timeoutSeconds: order.confirm_timeout_seconds,
    }),
  );
}

/** A deadline so many seconds from now. */
export function deadlineIn(seconds: number): NonNullable<OrderMove['set']> {
  return (param) => {
    const at = `clock_timestamp() + ${param(seconds)}::float8 * interval '1 second'`;
    return { deadline_at: at, due_at: at };
  };
}

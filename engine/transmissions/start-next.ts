import { nextToTransmit, type Waiting } from '../../domain/transmissions/queue.js';
import { confirmationTimeout } from '../../domain/transmissions/timing.js';
import { failpoint } from '../failpoint.js';
import { announceTransmission } from './announce-transmission.js';
import type { Line } from './locked-channel.js';
import { moveOrder, type OrderMove } from './move-order.js';
import { lockOrder, type OrderRow } from './order-row.js';

/**
 * Puts the next order on the line, if the line is free and one waits. Does nothing otherwise, so that everybody who may have freed
 * the line, or joined the queue, simply calls it.
 */
export async function startNext(line: Line): Promise<OrderRow | undefined> {
  const next = await chooseNext(line);
  const order = next === undefined ? undefined : await lockOrder(line.tx, next.id);
  if (next === undefined || order === undefined) return undefined;
  const started =
    next.state === 'paid' ? await startFirst(line, order) : await startAgain(line, order);
  if (started !== undefined) await announceTransmission(line, 'started', started);
  return started;
}

/** The best of either kind by the index, and the rule between them. */
async function chooseNext(line: Line): Promise<Waiting | undefined> {
  const { rows } = await line.tx.query<Waiting>(
    `with busy as (select from orders where channel = $1 and state = 'transmitting'),
     first as (
       select * from orders where channel = $1 and state = 'paid'
       order by bid_per_byte desc, created_at, id limit 1),
     again as (
       select * from orders where channel = $1 and retry_wanted
       order by retry_count, bid_per_byte desc, created_at, id limit 1)
     select id, state, bid_per_byte as "bidPerByte", retry_count as "retryCount",
            extract(epoch from created_at)::float8 * 1000 as "createdAtMs"
     from (select * from first union all select * from again) waiting
     where not exists (select from busy)`,
    [line.channel],
  );
  return nextToTransmit(rows);
}

/** The number is taken in the transaction that uses it: none is lost, none is given twice. */
async function startFirst(line: Line, order: OrderRow): Promise<OrderRow | undefined> {
  const { rows } = await line.tx.query<{ last: number }>(
    'update transmission_counter set last = last + 1 returning last',
  );
  await failpoint('in-start-transaction');
  return moveOrder(line, order.id, {
    event: 'started',
    set: (param) => ({
      tx_seq_num: `${param(rows[0]?.last)}::integer`,
      started_at: 'clock_timestamp()',
      ...untilConfirmed(line, order, 0)(param),
    }),
  });
}

async function startAgain(line: Line, order: OrderRow): Promise<OrderRow | undefined> {
  const retryCount = order.retry_count + 1;
  return moveOrder(line, order.id, {
    event: 'restarted',
    set: (param) => ({
      retry_wanted: 'false',
      retry_count: param(retryCount),
      retry_regions: MISSING_REGIONS,
      last_attempt_at: 'clock_timestamp()',
      ...untilConfirmed(line, order, retryCount)(param),
    }),
  });
}

/** The ordered regions that have not confirmed sending, of the order in row `r`. */
export const MISSING_REGIONS = `r.regions & ~coalesce((
  select bit_or(1 << c.region) from confirmations c where c.order_id = r.id and c.kind = 'tx'), 0)`;

/** It starts now, so now is what the patience counts from. */
function untilConfirmed(
  line: Line,
  order: OrderRow,
  retryCount: number,
): NonNullable<OrderMove['set']> {
  const { seconds } = confirmationTimeout({
    state: 'transmitting',
    txConfirmations: 0,
    retryCount,
    otaBytes: order.ota_bytes,
    rate: line.rate,
    timeoutSeconds: order.confirm_timeout_seconds,
  });
  return deadlineIn(seconds);
}

/** The state must be left so many seconds from now. */
export function deadlineIn(seconds: number): NonNullable<OrderMove['set']> {
  return (param) => {
    const at = `clock_timestamp() + ${param(seconds)}::float8 * interval '1 second'`;
    return { deadline_at: at, due_at: at };
  };
}

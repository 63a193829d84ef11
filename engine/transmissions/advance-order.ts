import type { ClientBase } from 'pg';
import type { Step } from '../../domain/workflow-step.js';
import { stepForOrder } from '../../domain/transmissions/step.js';
import { RECHECK_CALL_SECONDS, RECHECK_SECONDS } from '../../domain/transmissions/timing.js';
import { type EngineContext, transact } from '../context.js';
import { expireOrder } from './expire-order.js';
import { lockChannelOf } from './locked-channel.js';
import type { OrderRow } from './order-row.js';
import { startNext } from './start-next.js';
import { timeOut } from './time-out.js';

interface Standing extends OrderRow {
  readonly wanted: number;
  readonly open: number;
  readonly now: Date;
  readonly deadline_passed: boolean;
  /** Nothing is on its channel's line. */
  readonly line_free: boolean;
}

/** An owner's step: does what is due, and says what is needed next. */
export function advanceOrder(
  engine: EngineContext,
  { orderId }: { readonly orderId: string },
): Promise<Step> {
  return transact(engine, async (tx) => {
    const before = await readStanding(tx, orderId);
    if (before === undefined) return NO_SUCH_ORDER;
    await doWhatIsDue(tx, before);
    await attended(tx, orderId);
    const order = (await readStanding(tx, orderId)) ?? before;
    return stepForOrder({
      state: order.state,
      wanted: order.wanted,
      open: order.open,
      leaseUntilMs: order.lease_until?.getTime() ?? null,
      deadlineMs: order.deadline_at?.getTime() ?? null,
      dueMs: order.due_at?.getTime() ?? null,
      nowMs: order.now.getTime(),
    });
  });
}

const NO_SUCH_ORDER: Step = { state: 'unknown', finished: true, call: null, waitUntilMs: null };

async function readStanding(tx: ClientBase, orderId: string): Promise<Standing | undefined> {
  const { rows } = await tx.query<Standing>(
    `select o.*, clock_timestamp() as now, coalesce(o.deadline_at <= clock_timestamp(), false) as deadline_passed,
       (select count(*)::integer from invoices i where i.order_id = o.id and i.state = 'wanted') as wanted,
       (select count(*)::integer from invoices i where i.order_id = o.id and i.state = 'open') as open,
       not exists (select from orders t where t.channel = o.channel and t.state = 'transmitting') as line_free
     from orders o where o.id = $1`,
    [orderId],
  );
  return rows[0];
}

/** Looks without locks first: most steps find nothing due, and the line is shared. */
async function doWhatIsDue(tx: ClientBase, order: Standing): Promise<void> {
  if (order.state === 'pending') {
    if (order.wanted + order.open === 0)
      await expireOrder(tx, order.id, 'no invoice of it is open', 'workflow');
  } else if (order.deadline_passed) {
    await timeOut(tx, order.id, 'workflow');
  } else if (order.line_free && (order.state === 'paid' || order.retry_wanted)) {
    const locked = await lockChannelOf(tx, order.id, 'workflow');
    if (locked !== undefined) await startNext(locked.line);
  }
}

/**
 * The sweep need not wake the owner again for what it knows already. What waits for the line is found by whoever frees it; what
 * waits for the node is nobody's but its owner's, who may be lost.
 */
async function attended(tx: ClientBase, orderId: string): Promise<void> {
  await tx.query(
    `update orders set due_at = clock_timestamp() + interval '1 second'
       * case when state = 'paid' or retry_wanted then $2::integer else $3::integer end
     where id = $1 and due_at <= clock_timestamp()`,
    [orderId, RECHECK_SECONDS, RECHECK_CALL_SECONDS],
  );
}

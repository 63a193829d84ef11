import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import type { EngineContext } from '../context.js';
import { inMaintenance } from '../maintenance-mode.js';
import { loadAction } from './action.js';
import { endWithoutInvoice } from './give-up.js';
import { moveAttempt } from './move-attempt.js';

/** Who opens an attempt that waits for an invoice. */
export interface Opener {
  readonly actor: string | null;
  /** Of the anonymous: a keyed hash of their network. */
  readonly origin: Buffer | undefined;
}

/**
 * Each open invoice costs the node something: an account, and a network of the anonymous, may have so many, and all the anonymous
 * together so many. When that sum is reached, the network with the most unpaid gives way. Called last in the transaction that opens
 * one. Throws Refusal `action.too_many_unpaid`, `anonymous.too_much_unpaid`, or `service.maintenance` where no new invoices are asked for at all.
 */
export async function refuseTooManyOpen(
  engine: Pick<EngineContext, 'limits' | 'timers'>,
  tx: ClientBase,
  { actor, origin }: Opener,
): Promise<void> {
  const { limits } = engine;
  const { rows } = await tx.query<{
    exceeded: string | null;
    tooMuch: string | null;
    maintenance: boolean;
  }>(
    `select open_attempts_exceed($1, $2, $3, $4, $5) as exceeded,
       case when $1::uuid is null then unpaid_bytes_exceed($2, $6, $7) end as "tooMuch",
       exists (select from maintenance_mode) as maintenance`,
    [
      ...[actor, origin ?? null, limits.unpaidActions, limits.unpaidPerOrigin],
      ...[limits.unpaidAnonymous, limits.unpaidBytesPerOrigin, limits.unpaidBytes],
    ],
  );
  if (rows[0]?.maintenance === true) throw inMaintenance();
  const tooMuch = rows[0]?.tooMuch ?? null;
  if (tooMuch !== null && !(await makesRoom(engine, tx, tooMuch))) {
    throw new Refusal('anonymous.too_much_unpaid', 'too much is unpaid: pay, or try again later');
  }
  const exceeded = rows[0]?.exceeded ?? null;
  if (exceeded === null) return;
  if (exceeded === 'account') throw tooMany(limits.unpaidActions);
  if (exceeded === 'origin') throw tooMany(limits.unpaidPerOrigin);
  if (!(await makesRoom(engine, tx, exceeded))) {
    throw new Refusal('action.too_many_unpaid', 'too many invoices are open: try again later');
  }
}

function tooMany(limit: number | null): Refusal {
  return new Refusal('action.too_many_unpaid', `${limit} invoices are open: pay or cancel some`);
}

/** Whether the sum is exceeded, and an origin that has the most of it gives way: `sum/<origin>`. */
async function makesRoom(
  engine: Pick<EngineContext, 'timers'>,
  tx: ClientBase,
  exceeded: string,
): Promise<boolean> {
  const [, biggest] = exceeded.split('/');
  return biggest !== undefined && giveWay(engine, tx, Buffer.from(biggest, 'hex'));
}

/** Cancels the newest unpaid attempt of an origin. */
async function giveWay(
  engine: Pick<EngineContext, 'timers'>,
  tx: ClientBase,
  origin: Buffer,
): Promise<boolean> {
  const { rows } = await tx.query<{ actionId: string; attempt: number }>(
    `select action_id as "actionId", attempt from attempts
     where origin = $1 and state in ('INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD')
     order by opened_at desc limit 1 for no key update skip locked`,
    [origin],
  );
  const [ref] = rows;
  if (ref === undefined) return false;
  const action = await loadAction(tx, ref.actionId);
  const move = { event: 'gave_way', reason: 'SYSTEM_CANCELLED' } as const;
  const moved = await moveAttempt(tx, action, ref, move, 'other');
  if (moved !== undefined) await endWithoutInvoice(engine, tx, action, ref);
  return moved !== undefined;
}

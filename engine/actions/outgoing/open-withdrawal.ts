import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { type DecodedInvoice, LightningError } from '../../../adapters/lightning/port.js';
import { pipeline } from '../../../db/pipeline.js';
import { attemptMachine } from '../../../domain/actions/machine.js';
import { addMsat, type Msat, ZERO_MSAT } from '../../../domain/money.js';
import { CALL_OVERDUE_SECONDS } from '../../../domain/overdue.js';
import { spellBolt11 } from '../../../domain/payouts/bolt11-spelling.js';
import { withdrawalFeeBudget } from '../../../domain/payouts/fee-budget.js';
import { Refusal } from '../../../domain/refusal.js';
import { type Account, readSats, refuseFrozen } from '../../accounts/accounts.js';
import { type EngineContext, transact } from '../../context.js';
import { lockCredits } from '../../credits/accounts.js';
import { refuseInMaintenance } from '../../maintenance-mode.js';
import type { IdempotencyKey } from '../../idempotency.js';
import type { Leg } from '../../ledger/legs.js';
import { callRow, enqueue, enqueueOpening } from '../../outbox.js';
import { insertPayment } from '../../payouts/payment-row.js';
import type { Action } from '../action.js';
import { attemptStart } from '../attempt-start.js';
import { bookOpening } from '../book-attempt.js';
import type { ActionView, OpenAction } from '../contract.js';
import { findOpened, insertAction, isTaken } from '../insert-action.js';
import { viewOwn } from '../read-action.js';
import { withdrawal, type WithdrawalArgs } from '../types/withdrawal.js';
import { ROUTING_FEE, WITHDRAWAL } from './book-outgoing.js';

export interface OpenWithdrawal {
  /** In any spelling. */
  readonly bolt11: string;
  /** Where the invoice names none; else it must be the same. */
  readonly amountMsat?: Msat;
  /** Most that routing may cost. Default: 1 %, at least 10 sats. */
  readonly maxFeeMsat?: Msat;
  readonly caller: Pick<Account, 'id' | 'name' | 'role'>;
  readonly idempotencyKey?: IdempotencyKey;
}

/**
 * Reserves the amount and the most that its fee may be, and has the node pay the invoice; the view says WITHDRAWING. The node's reading of
 * the invoice counts. Throws Refusal, with nothing changed.
 */
export async function openWithdrawal(
  engine: EngineContext,
  request: OpenWithdrawal,
): Promise<{ readonly view: ActionView; readonly replayed: boolean }> {
  const asked = askedOf(request);
  const actor = request.caller.id;
  const before = await transact(engine, (tx) => findOpened(tx, asked, actor));
  if (before !== undefined) return { view: await viewOwn(engine.pool, before), replayed: true };
  const invoice = await readInvoice(engine, request);
  const open = (): Promise<{ actionId: string; replayed: boolean }> =>
    transact(engine, (tx) => openRows(engine, tx, request, invoice));
  const { actionId, replayed } = await open().catch((error: unknown) => {
    // The same request, at the same time, was faster.
    if (isTaken(error)) return open();
    throw error;
  });
  return { view: await viewOwn(engine.pool, actionId), replayed };
}

interface PayableInvoice {
  readonly bolt11: string;
  readonly decoded: DecodedInvoice;
  readonly amountMsat: Msat;
  readonly maxFeeMsat: Msat;
}

/** Asks the node, before any transaction. */
async function readInvoice(
  { node }: EngineContext,
  request: OpenWithdrawal,
): Promise<PayableInvoice> {
  const bolt11 = spellBolt11(request.bolt11);
  if (bolt11 === undefined) {
    throw new Refusal('withdrawal.invalid_invoice', 'this is not a BOLT11 invoice');
  }
  const [decoded, info] = await Promise.all([node.decode(bolt11), node.info()]).catch(refuse);
  const amountMsat = decoded.amountMsat ?? request.amountMsat;
  if (amountMsat === undefined || amountMsat <= 0n) {
    throw new Refusal('withdrawal.amount_required', 'the invoice names no amount');
  }
  if (request.amountMsat !== undefined && request.amountMsat !== amountMsat) {
    throw new Refusal('withdrawal.amount_required', `the invoice is about ${amountMsat} msat`);
  }
  if (decoded.payee === info.publicKey) {
    throw new Refusal('withdrawal.own_invoice', 'the invoice is of our own node');
  }
  // Paid or tried by somebody else of this node: what it would answer is not about our payment.
  const earlier = await node.lookupPayment(decoded.hash).catch(refuse);
  if (earlier !== undefined) throw used();
  return {
    ...{ bolt11, decoded, amountMsat },
    maxFeeMsat: request.maxFeeMsat ?? withdrawalFeeBudget(amountMsat),
  };
}

function refuse(error: unknown): never {
  if (!(error instanceof LightningError)) throw error;
  if (error.kind === 'refused') {
    throw new Refusal('withdrawal.invalid_invoice', 'the node cannot read the invoice');
  }
  throw new Refusal('service.unavailable', 'the Lightning node does not answer');
}

function used(): Refusal {
  return new Refusal('withdrawal.invoice_used', 'an invoice is paid once: take a new one');
}

/** As the request is remembered. */
function askedOf({
  bolt11,
  amountMsat,
  maxFeeMsat,
  caller,
  idempotencyKey,
}: OpenWithdrawal): OpenAction {
  const args = {
    bolt11: spellBolt11(bolt11) ?? bolt11,
    amountMsat: amountMsat?.toString() ?? null,
    maxFeeMsat: maxFeeMsat?.toString() ?? null,
  };
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  return {
    type: withdrawal.name,
    args,
    payment: 'credits',
    caller: { kind: 'account', ...caller },
    ...key,
  };
}

async function openRows(
  engine: EngineContext,
  tx: ClientBase,
  request: OpenWithdrawal,
  invoice: PayableInvoice,
): Promise<{ actionId: string; replayed: boolean }> {
  const { caller } = request;
  const asked = askedOf(request);
  const before = await findOpened(tx, asked, caller.id);
  if (before !== undefined) return { actionId: before, replayed: true };
  const { amountMsat, maxFeeMsat, decoded } = invoice;
  await refuseFrozen(tx, caller.id);
  await refuseInMaintenance(tx);
  await refuseUnpayable(tx, decoded);
  const costMsat = addMsat(amountMsat, maxFeeMsat);
  await lockCredits(tx, [caller.id]);
  const satsMsat = await readSats(tx, caller.id);
  if (satsMsat < costMsat) {
    throw new Refusal(
      'withdrawal.insufficient_sats',
      `with its fee it takes ${costMsat} msat, the balance is ${satsMsat} msat`,
    );
  }
  const args: WithdrawalArgs = {
    ...{ bolt11: invoice.bolt11, hash: decoded.hash },
    ...{ amountMsat: amountMsat.toString(), maxFeeMsat: maxFeeMsat.toString() },
  };
  const action: Action = {
    ...{ id: randomUUID(), type: withdrawal, actor: caller.id, args, costMsat },
  };
  await insertAction(engine, tx, asked, action);
  await insertWithdrawing(tx, action, invoice, caller.name);
  return { actionId: action.id, replayed: false };
}

/** Expiry by the database's clock: it only spares a payment in vain, and the node refuses what has expired by its own. */
async function refuseUnpayable(tx: ClientBase, { hash, expiresAt }: DecodedInvoice): Promise<void> {
  const { rows } = await tx.query<{ expired: boolean; owned: boolean; own: boolean }>(
    `select $2::timestamptz <= clock_timestamp() as expired,
       exists (select from payment_hashes where hash = $1) as owned,
       exists (select from invoices where hash = $1) as own`,
    [hash, expiresAt],
  );
  const [row] = rows;
  if (row?.own === true) {
    throw new Refusal('withdrawal.own_invoice', 'the invoice is one of ours, or one that we wrap');
  }
  if (row?.owned === true) throw used();
  if (row?.expired === true) {
    throw new Refusal('withdrawal.invoice_expired', 'the invoice has expired');
  }
}

async function insertWithdrawing(
  tx: ClientBase,
  action: Action,
  { bolt11, decoded, amountMsat, maxFeeMsat }: PayableInvoice,
  actorName: string,
): Promise<void> {
  const ref = { actionId: action.id, attempt: 1 };
  const opening = {
    machine: attemptMachine,
    subject: `${action.id}/1`,
    event: 'opened_withdrawing',
  } as const;
  await tx.query(
    `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, due_at)
     values ($1, 1, $2, 'withdrawal', 'WITHDRAWING', $3, clock_timestamp() + $4 * interval '1 second')`,
    [action.id, action.actor, action.costMsat, CALL_OVERDUE_SECONDS],
  );
  const inserted = await insertPayment(tx, {
    ...{ ...ref, hash: decoded.hash, wallet: null, bolt11, expiresAt: decoded.expiresAt },
    ...{ payeeDelta: decoded.minFinalCltv, amountMsat, maxFeeMsat },
    namesAmount: decoded.amountMsat === undefined,
  });
  if (!inserted) throw used();
  const start = attemptStart(ref, {
    ...{ type: withdrawal.name, state: 'WITHDRAWING', actor: actorName, summary: 'withdrawal' },
  });
  await pipeline([
    bookOpening(tx, { ref, actor: action.actor, legs: legsOf(action, amountMsat, maxFeeMsat) }),
    enqueue(tx, [callRow('send_payment', decoded.hash)]),
    enqueueOpening(tx, opening, start),
  ]);
}

function legsOf({ actor, costMsat }: Action, amountMsat: Msat, maxFeeMsat: Msat): readonly Leg[] {
  if (actor === null) throw new Error('a withdrawal without an account');
  const sats = { asset: 'SATS', hash: null, actualMsat: null } as const;
  const outside = { system: 'outside' } as const;
  const holder = { accountId: actor };
  const legs: Leg[] = [
    { n: 1, side: 'in', kind: 'BALANCE', holder, plannedMsat: costMsat, ...sats },
    { n: 2, side: 'out', kind: WITHDRAWAL, holder: outside, plannedMsat: amountMsat, ...sats },
    { n: 3, side: 'out', kind: ROUTING_FEE, holder: outside, plannedMsat: maxFeeMsat, ...sats },
  ];
  return legs.filter(({ plannedMsat }) => plannedMsat !== ZERO_MSAT);
}

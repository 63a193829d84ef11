import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import { attemptMachine } from '../../../domain/actions/machine.js';
import { addMsat, type Msat, ZERO_MSAT } from '../../../domain/money.js';
import { CALL_OVERDUE_SECONDS } from '../../../domain/overdue.js';
import type { Account } from '../../accounts/accounts.js';
import type { EngineContext } from '../../context.js';
import type { Leg } from '../../ledger/legs.js';
import { callRow, enqueue, enqueueOpening } from '../../outbox.js';
import { insertPayment } from '../../payouts/payment-row.js';
import { type Action, describe } from '../action.js';
import { attemptStart } from '../attempt-start.js';
import { bookOpening } from '../book-attempt.js';
import type { OpenAction } from '../contract.js';
import { insertAction } from '../insert-action.js';
import type { PaidActionType } from '../types/paid-action-type.js';
import type { WithdrawalArgs } from '../types/withdrawal.js';
import { ROUTING_FEE, WITHDRAWAL } from './book-outgoing.js';
import { type PayableInvoice, used } from './payable-invoice.js';

export interface NewWithdrawal {
  readonly type: PaidActionType<WithdrawalArgs>;
  readonly account: Pick<Account, 'id' | 'name'>;
  readonly invoice: PayableInvoice;
  /** The account's own that has minted the invoice; null where somebody brought it. */
  readonly wallet: bigint | null;
}

/** What leaves and may leave with it. */
export function costOf({ amountMsat, maxFeeMsat }: PayableInvoice): Msat {
  return addMsat(amountMsat, maxFeeMsat);
}

/**
 * Reserves the amount and the most that its fee may be, in the transaction that has locked the account and looked at its balance; a relay
 * pays. Gives the action's id. Throws Refusal `withdrawal.invoice_used`.
 */
export async function insertWithdrawal(
  engine: EngineContext,
  tx: ClientBase,
  asked: OpenAction,
  withdrawal: NewWithdrawal,
): Promise<string> {
  const { type, account, invoice } = withdrawal;
  const args: WithdrawalArgs = {
    ...{ bolt11: invoice.bolt11, hash: invoice.decoded.hash },
    ...{
      amountMsat: invoice.amountMsat.toString(),
      maxFeeMsat: invoice.maxFeeMsat.toString(),
    },
  };
  const id = randomUUID();
  const action = { id, type, actor: account.id, args, costMsat: costOf(invoice) };
  await pipeline([
    insertAction(engine, tx, asked, action),
    insertWithdrawing(engine, tx, action, withdrawal),
  ]);
  return id;
}

async function insertWithdrawing(
  { startDelayMs: delayMs }: EngineContext,
  tx: ClientBase,
  action: Action,
  { invoice: { bolt11, node, decoded, amountMsat, maxFeeMsat }, wallet, account }: NewWithdrawal,
): Promise<void> {
  const ref = { actionId: action.id, attempt: 1 };
  const opening = {
    machine: attemptMachine,
    subject: `${action.id}/1`,
    event: 'opened_withdrawing',
  } as const;
  const start = attemptStart(ref, {
    ...{ type: action.type.name, state: 'WITHDRAWING', actor: account.name },
    summary: describe(action),
  });
  const [, inserted] = await pipeline([
    tx.query(
      `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, due_at)
       values ($1, 1, $2, 'withdrawal', 'WITHDRAWING', $3, clock_timestamp() + $4 * interval '1 second')`,
      [action.id, action.actor, action.costMsat, CALL_OVERDUE_SECONDS],
    ),
    insertPayment(tx, {
      ...{ ...ref, hash: decoded.hash, wallet, node, bolt11, expiresAt: decoded.expiresAt },
      ...{ payeeDelta: decoded.minFinalCltv, amountMsat, maxFeeMsat },
      namesAmount: decoded.amountMsat === undefined,
    }),
    bookOpening(tx, { ref, actor: action.actor, legs: legsOf(action, amountMsat, maxFeeMsat) }),
    enqueue(tx, [callRow('send_payment', decoded.hash)]),
    // Most are paid before: their workflows then have one task.
    enqueueOpening(tx, opening, start, { delayMs }),
  ]);
  if (!inserted) throw used();
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

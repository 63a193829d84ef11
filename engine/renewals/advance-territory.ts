import type { ClientBase } from 'pg';
import { addDays, GRACE_DAYS, RETRY_DAYS } from '../../domain/territories/billing.js';
import { territoryMachine } from '../../domain/territories/machine.js';
import { type TerritoryStep, territoryStep } from '../../domain/territories/step.js';
import { Refusal } from '../../domain/refusal.js';
import type { Step } from '../../domain/workflow-step.js';
import { findAccountNamed } from '../accounts/accounts.js';
import { openAction } from '../actions/open.js';
import { territoryBilling } from '../actions/types/territory-billing.js';
import { type EngineContext, transact } from '../context.js';
import { tellOnce } from '../notices/tell.js';
import { transition } from '../transition.js';
import { CHANGE_PREFIX } from '../territories/changing.js';
import { TERRITORIES, type TerritoryRow } from '../territories/territory-row.js';

/** The call that a territory's workflow makes. Recorded by name in histories. */
export type TerritoryCall = 'renewTerritory';

type DueRow = TerritoryRow & {
  readonly due_at: Date | null;
  readonly now: Date;
  /** A payment for it is being settled. */
  readonly changing: boolean;
};

const SETTLING_MS = 10_000;

/** What a territory's workflow does next; a transition that is due is made. */
export async function advanceTerritory(
  engine: EngineContext,
  id: string,
): Promise<Step<TerritoryCall>> {
  const [row, next] = await transact(engine, async (tx) => {
    const found = await lockDue(tx, id);
    if (found === undefined) return [undefined, undefined];
    const step = stepOf(found);
    // Whoever pays for it now must find it as it was when the money was held.
    if (found.changing || (step.do !== 'unpaid' && step.do !== 'stopped')) return [found, step];
    await move(tx, found, step.do);
    const moved = await lockDue(tx, id);
    return moved === undefined ? [undefined, undefined] : [moved, stepOf(moved)];
  });
  if (row === undefined) return answer('gone', { finished: true });
  if (row.state === 'STOPPED') return answer('STOPPED', { finished: true });
  if (row.changing) return answer(row.state, { waitMs: SETTLING_MS });
  if (next.do === 'renew') return answer(row.state, { call: 'renewTerritory' });
  const until = next.do === 'wait' ? next.until : row.now;
  return answer(row.state, { until, ...(until === null ? {} : { waitMs: msUntil(row, until) }) });
}

/**
 * The next period from the owner's balance; where that does not cover it, the territory is in its grace, and the renewal is tried again a
 * day later. Safe to repeat: what is renewed is not due.
 */
export async function renewDue(engine: EngineContext, id: string): Promise<void> {
  const row = await transact(engine, (tx) => lockDue(tx, id));
  if (row === undefined || stepOf(row).do !== 'renew') return;
  try {
    const owner = await findAccountNamed(engine.pool, row.owner);
    await openAction(engine, {
      ...{ type: territoryBilling.name, args: { territory: row.name }, payment: 'credits' },
      caller: { kind: 'account', ...owner },
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await transact(engine, (tx) => notRenewed(tx, id, error));
  }
}

async function notRenewed(tx: ClientBase, id: string, refusal: Refusal): Promise<void> {
  const row = await lockDue(tx, id);
  if (row === undefined || row.changing || stepOf(row).do !== 'renew') return;
  if (row.state === 'ACTIVE') return move(tx, row, 'unpaid', refusal.code);
  await tx.query('update territories set due_at = $2 where id = $1', [row.id, nextTry(row)]);
}

/** The row, locked; undefined where there is none. */
async function lockDue(tx: ClientBase, id: string): Promise<DueRow | undefined> {
  const { rows } = await tx.query<DueRow>(
    `select t.*, clock_timestamp() as now,
       exists (select from exclusive_keys k where k.key = '${CHANGE_PREFIX}' || t.name) as changing
     from territories t where t.id = $1 for no key update of t`,
    [id],
  );
  return rows[0];
}

function stepOf(row: DueRow): TerritoryStep {
  const { state, auto_renew: autoRenew, paid_until: paidUntil, due_at: dueAt, now } = row;
  return territoryStep({ state, autoRenew, paidUntil, dueAt, now });
}

async function move(
  tx: ClientBase,
  row: DueRow,
  event: 'unpaid' | 'stopped',
  reason?: string,
): Promise<void> {
  const due = event === 'stopped' ? null : nextTry(row);
  await transition(tx, TERRITORIES, {
    ...{ key: [row.id.toString()], event },
    ...(reason === undefined ? {} : { reason }),
    set: (param) => ({ due_at: `${param(due)}::timestamptz` }),
  });
  const state = territoryMachine.transitions[event].to;
  await tellOnce(tx, [
    {
      ...{ account: row.owner, kind: 'TERRITORY_STATUS' },
      key: `territory/${row.id}/${event}/${row.paid_until?.toISOString() ?? ''}`,
      detail: { territory: row.name, state },
    },
  ]);
}

/** A day from now, or the end of the grace. */
function nextTry({ now, paid_until: paidUntil, auto_renew: autoRenew }: DueRow): Date {
  const again = addDays(now, RETRY_DAYS);
  if (paidUntil === null) return again;
  const graceEnd = addDays(paidUntil, GRACE_DAYS);
  return autoRenew && again < graceEnd ? again : graceEnd;
}

function msUntil({ now }: DueRow, until: Date): number {
  return Math.max(0, until.getTime() - now.getTime());
}

interface Next {
  readonly finished?: boolean;
  readonly call?: TerritoryCall;
  readonly waitMs?: number;
  readonly until?: Date | null;
}

function answer(
  state: TerritoryRow['state'] | 'gone',
  { finished = false, call, waitMs, until }: Next,
): Step<TerritoryCall> {
  const awaits = state === 'gone' ? 'nothing' : territoryMachine.states[state].awaits;
  return {
    ...{ state, reason: null, finished, call: call ?? null, waitMs: waitMs ?? null },
    story: {
      awaits: call === undefined ? awaits : 'the renewal from the balance of its owner',
      amountMsat: null,
      deadline: until?.toISOString() ?? null,
    },
  };
}

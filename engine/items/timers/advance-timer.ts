import type { ClientBase } from 'pg';
import { itemTimerMachine } from '../../../domain/items/timer-machine.js';
import type { TextCommand } from '../../../domain/items/text-commands.js';
import type { Step } from '../../../domain/workflow-step.js';
import { type EngineContext, transact } from '../../context.js';
import { blankItem } from '../delete-item.js';
import { tellOnce } from '../../notices/tell.js';
import { transition } from '../../transition.js';
import { TIMERS, type TimerRow } from './timer-row.js';

type DueTimer = TimerRow & { readonly now: Date };

/** What the workflow of a timer does next; what is due is done. Safe to repeat. `kind`: there is no timer of another kind. */
export async function advanceTimer(
  engine: EngineContext,
  id: string,
  kind?: TextCommand,
): Promise<Step<never>> {
  return transact(engine, async (tx) => {
    const timer = await lockTimer(tx, id);
    if (timer === undefined || (kind !== undefined && timer.kind !== kind)) {
      return answer('gone', null);
    }
    const { state, runs_at: runsAt, now } = timer;
    if (state !== 'WAITING') return answer(state, null);
    if (runsAt > now) return answer(state, { runsAt, waitMs: runsAt.getTime() - now.getTime() });
    await run(tx, timer);
    return answer('DONE', null);
  });
}

/** The item first: whoever changes or deletes it cancels its timers under its lock. */
async function lockTimer(tx: ClientBase, id: string): Promise<DueTimer | undefined> {
  await tx.query(
    'select from items where id = (select item_id from item_timers where id = $1) for update',
    [id],
  );
  const { rows } = await tx.query<DueTimer>(
    'select t.*, clock_timestamp() as now from item_timers t where t.id = $1 for no key update',
    [id],
  );
  return rows[0];
}

async function run(tx: ClientBase, timer: TimerRow): Promise<void> {
  await transition(tx, TIMERS, {
    ...{ key: [timer.id.toString()], event: 'ran' },
    set: () => ({ due_at: 'null' }),
  });
  const itemId = timer.item_id.toString();
  if (timer.kind === 'DELETE') {
    await blankItem(tx, itemId);
  } else if (timer.account !== null) {
    await tellOnce(tx, [
      { account: timer.account, kind: 'REMINDER', key: `reminder/${timer.id}`, itemId },
    ]);
  }
}

function answer(
  state: TimerRow['state'] | 'gone',
  waits: { readonly runsAt: Date; readonly waitMs: number } | null,
): Step<never> {
  const awaits = state === 'gone' ? 'nothing' : itemTimerMachine.states[state].awaits;
  return {
    ...{ state, reason: null, call: null },
    ...{ finished: waits === null, waitMs: waits?.waitMs ?? null },
    story: { awaits, amountMsat: null, deadline: waits?.runsAt.toISOString() ?? null },
  };
}

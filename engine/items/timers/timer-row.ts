import {
  type ItemTimerEvent,
  itemTimerMachine,
  type ItemTimerState,
} from '../../../domain/items/timer-machine.js';
import type { TextCommand } from '../../../domain/items/text-commands.js';
import { itemTimerWorkflowId, ITEM_TIMER_WORKFLOWS } from '../../../domain/names/workflows.js';
import type { WorkflowStart } from '../../outbox.js';
import type { MachineTable } from '../../transition.js';

/** Columns of `item_timers`. */
export interface TimerRow {
  readonly id: bigint;
  readonly item_id: bigint;
  readonly kind: TextCommand;
  readonly account: string | null;
  readonly counted_from: Date;
  readonly runs_at: Date;
  readonly state: ItemTimerState;
}

export const TIMERS: MachineTable<ItemTimerState, ItemTimerEvent> = {
  machine: itemTimerMachine,
  table: 'item_timers',
  keyColumns: ['id'],
  keyTypes: ['bigint'],
};

/** Also for the sweep, which starts it again where it was lost. */
export function timerStart({ id, kind, item_id: itemId, state }: TimerIdentity): WorkflowStart {
  return {
    workflowType: ITEM_TIMER_WORKFLOWS[kind],
    workflowId: itemTimerWorkflowId(kind, id.toString()),
    input: { timer: id.toString() },
    attributes: { QState: state },
    summary: `item ${itemId}: ${kind === 'DELETE' ? 'to be deleted' : 'a reminder'}`,
  };
}

type TimerIdentity = Pick<TimerRow, 'id' | 'kind' | 'item_id' | 'state'>;

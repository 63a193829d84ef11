import { attemptStart } from '../../../engine/actions/attempt-start.js';
import { timerStart, type TimerRow } from '../../../engine/items/timers/timer-row.js';
import { storeStart } from '../../../engine/intake/stores/open-store.js';
import type { WorkflowStart } from '../../../engine/outbox.js';
import { territoryStart } from '../../../engine/territories/territory-start.js';
import { orderStart } from '../../../engine/transmissions/order-start.js';
import type { AttemptState } from '../../../domain/actions/machine.js';
import type { WorkflowType } from '../../../domain/names/workflows.js';
import type { TerritoryState } from '../../../domain/territories/machine.js';
import type { OrderState } from '../../../domain/transmissions/machine.js';

/** The position of a row among those that are due. */
export interface Cursor {
  /** `due_at` as text, since a Date would lose its microseconds. */
  readonly dueAt: string;
  /** The primary key. */
  readonly key: readonly [id: string, number: number];
}

/** An open row past its deadline, and the start of its workflow. */
export interface DueRow extends Cursor {
  readonly start: WorkflowStart;
  /** How often the sweep has acted for this deadline. */
  readonly sweeps: number;
}

/** Not swept for its present deadline yet, or so long ago that its workflow should have acted: twice as long each time. */
const TO_BE_SWEPT = `
  due_at < now() - $1 * interval '1 second'
  and (swept_at is null or swept_for is distinct from due_at
    or $6 and swept_at < now() - $1 * power(2, least(sweeps, 5)) * interval '1 second')`;

const SWEEPS = 'case when swept_for = due_at then sweeps else 0 end as sweeps';

const MARK_SWEPT = `
  sweeps = 1 + case when swept_for = due_at then sweeps else 0 end, swept_for = due_at, swept_at = clock_timestamp()`;

/** A table of rows that each have a workflow, and a time by which it should have moved them. */
export interface SweptTable<R> {
  readonly workflowType: WorkflowType;
  /**
   * $1: the grace in seconds; $2: the most rows; after $3 (due_at), $4 (id) and $5 (number); $6: also those that the sweep has acted
   * for before. Locks rows; skips locked ones.
   */
  readonly selectDue: string;
  /** $1: ids; $2: numbers. due_at stays as it is: it says since when the row is overdue. */
  readonly markSwept: string;
  readonly read: (row: R) => DueRow;
}

interface AttemptDue {
  readonly action_id: string;
  readonly attempt: number;
  readonly state: AttemptState;
  readonly type: string;
  /** The account's name. */
  readonly actor: string | null;
  readonly due_at: string;
  readonly sweeps: number;
}

export const sweptAttempts: SweptTable<AttemptDue> = {
  workflowType: 'paidAction',
  selectDue: `
    select t.action_id, t.attempt, t.state, t.due_at::text as due_at, a.type, ${SWEEPS},
      (select name from accounts where id = a.actor) as actor
    from attempts t join actions a on a.id = t.action_id
    where ${TO_BE_SWEPT}
      and (t.due_at, t.action_id, t.attempt) > ($3::timestamptz, $4::uuid, $5::integer)
    order by t.due_at, t.action_id, t.attempt limit $2
    for no key update of t skip locked`,
  markSwept: `
    update attempts set ${MARK_SWEPT}
    from unnest($1::uuid[], $2::integer[]) as k (id, number)
    where action_id = k.id and attempt = k.number`,
  read: ({ action_id: actionId, attempt, state, type, actor, due_at: dueAt, sweeps }) => ({
    key: [actionId, attempt],
    dueAt,
    sweeps,
    start: attemptStart(
      { actionId, attempt },
      { type, state, actor, summary: `${type}, found past its deadline` },
    ),
  }),
};

interface OrderDue {
  readonly id: string;
  readonly channel: number;
  readonly state: OrderState;
  readonly due_at: string;
  readonly sweeps: number;
}

/** Orders have no number: theirs is always 1. */
export const sweptOrders: SweptTable<OrderDue> = {
  workflowType: 'transmissionOrder',
  selectDue: `
    select id, channel, state, due_at::text as due_at, ${SWEEPS}
    from orders
    where ${TO_BE_SWEPT}
      and (due_at, id, 1) > ($3::timestamptz, $4::uuid, $5::integer)
    order by due_at, id limit $2
    for no key update skip locked`,
  markSwept: `
    update orders set ${MARK_SWEPT}
    from unnest($1::uuid[], $2::integer[]) as k (id, number)
    where orders.id = k.id`,
  read: ({ id, channel, state, due_at: dueAt, sweeps }) => ({
    key: [id, 1],
    dueAt,
    sweeps,
    start: orderStart({ id, channel, state }, `channel ${channel}, found past its deadline`),
  }),
};

interface StoreDue {
  readonly id: string;
  readonly due_at: string;
  readonly sweeps: number;
}

/** Their number is always 1. */
export const sweptStores: SweptTable<StoreDue> = {
  workflowType: 'store',
  selectDue: `
    select id, due_at::text as due_at, ${SWEEPS}
    from stores
    where ${TO_BE_SWEPT}
      and (due_at, id, 1) > ($3::timestamptz, $4::text, $5::integer)
    order by due_at, id limit $2
    for no key update skip locked`,
  markSwept: `
    update stores set ${MARK_SWEPT}
    from unnest($1::text[], $2::integer[]) as k (id, number)
    where stores.id = k.id`,
  read: ({ id, due_at: dueAt, sweeps }) => ({
    key: [id, 1],
    dueAt,
    sweeps,
    start: storeStart(id, 'found past its deadline'),
  }),
};

interface TerritoryDue {
  readonly id: bigint;
  readonly name: string;
  readonly state: TerritoryState;
  readonly due_at: string;
  readonly sweeps: number;
}

/** Their number is always 1. */
export const sweptTerritories: SweptTable<TerritoryDue> = {
  workflowType: 'territory',
  selectDue: `
    select id, name, state, due_at::text as due_at, ${SWEEPS}
    from territories
    where ${TO_BE_SWEPT}
      and (due_at, lpad(id::text, 36, '0'), 1) > ($3::timestamptz, lpad($4::text, 36, '0'), $5::integer)
    order by due_at, lpad(id::text, 36, '0') limit $2
    for no key update skip locked`,
  markSwept: `
    update territories set ${MARK_SWEPT}
    from unnest($1::bigint[], $2::integer[]) as k (id, number)
    where territories.id = k.id`,
  read: ({ id, name, state, due_at: dueAt, sweeps }) => ({
    key: [id.toString(), 1],
    dueAt,
    sweeps,
    start: territoryStart(id, { name, state }),
  }),
};

type TimerDue = Pick<TimerRow, 'id' | 'kind' | 'item_id' | 'state'> & {
  readonly due_at: string;
  readonly sweeps: number;
};

/** Their number is always 1. */
export const sweptTimers: SweptTable<TimerDue> = {
  workflowType: 'ephemeralItem',
  selectDue: `
    select id, kind, item_id, state, due_at::text as due_at, ${SWEEPS}
    from item_timers
    where ${TO_BE_SWEPT}
      and (due_at, lpad(id::text, 36, '0'), 1) > ($3::timestamptz, lpad($4::text, 36, '0'), $5::integer)
    order by due_at, lpad(id::text, 36, '0') limit $2
    for no key update skip locked`,
  markSwept: `
    update item_timers set ${MARK_SWEPT}
    from unnest($1::bigint[], $2::integer[]) as k (id, number)
    where item_timers.id = k.id`,
  read: ({ due_at: dueAt, sweeps, ...timer }) => ({
    key: [timer.id.toString(), 1],
    dueAt,
    sweeps,
    start: timerStart(timer),
  }),
};

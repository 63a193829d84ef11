import type { ClientBase, QueryResultRow } from 'pg';
import { type Machine, nextState } from '../domain/machine.js';

/** Where a machine's rows live. Names are constants of ours, never input. */
export interface MachineTable<S extends string, E extends string> {
  readonly machine: Machine<S, E>;
  readonly table: string;
  /** Key columns, in the order of {@link Move.key}. */
  readonly keyColumns: readonly string[];
  readonly keyTypes: readonly string[];
}

/** Who makes a change: the row's own workflow, which needs no wake for it, or another process. */
export type ChangedBy = 'workflow' | 'other';

export interface Step<E extends string> {
  readonly event: E;
  /** For the audit row, and for the state where it has a reason column. */
  readonly reason?: string;
  /** Columns to set beside the state: SQL expressions of ours; `param` adds a parameter and returns its `$n`. */
  readonly set?: (param: (value: unknown) => string) => Readonly<Record<string, string>>;
}

export interface Move<E extends string> extends Step<E> {
  readonly key: Key;
}

export type Key = readonly (string | number)[];

/**
 * The one way a state changes: a guarded UPDATE from any of the event's sources, and its audit row, in one statement.
 * Returns the row as it is now, or undefined when its state did not allow it: another process was faster.
 */
export async function transition<S extends string, E extends string, R extends QueryResultRow>(
  tx: ClientBase,
  table: MachineTable<S, E>,
  { key, ...step }: Move<E>,
): Promise<R | undefined> {
  const { keyColumns, keyTypes } = table;
  const [row] = await move<S, E, R>(tx, table, step, (param) =>
    keyColumns
      .map((column, i) => `r.${column} = ${param(key[i])}::${keyTypes[i] ?? 'text'}`)
      .join(' and '),
  );
  return row;
}

/** {@link transition} of several rows by the same step: returns those that moved. */
export function transitionAll<S extends string, E extends string, R extends QueryResultRow>(
  tx: ClientBase,
  table: MachineTable<S, E>,
  keys: readonly Key[],
  step: Step<E>,
): Promise<R[]> {
  const { keyColumns, keyTypes } = table;
  return move<S, E, R>(tx, table, step, (param) => {
    const columns = keyTypes.map((type, i) => `${param(keys.map((key) => key[i]))}::${type}[]`);
    const key = keyColumns.map((column) => `r.${column}`).join(', ');
    return `(${key}) in (select * from unnest(${columns.join(', ')}))`;
  });
}

type Parameter = (value: unknown) => string;

async function move<S extends string, E extends string, R extends QueryResultRow>(
  tx: ClientBase,
  { machine, table, keyColumns }: MachineTable<S, E>,
  { event, reason, set }: Step<E>,
  where: (param: Parameter) => string,
): Promise<R[]> {
  const { from, to } = machine.transitions[event];
  if (from.length === 0) throw new Error(`${machine.name}: ${event} opens a row`);
  const values: unknown[] = [to, from, machine.name, event, reason ?? null];
  const param: Parameter = (value) => `$${values.push(value)}`;
  const sets = Object.entries(set?.(param) ?? {}).map(([column, sql]) => `, ${column} = ${sql}`);
  const key = (of: string): string => keyColumns.map((column) => `${of}.${column}`).join(', ');
  const { rows } = await tx.query<R>(
    `with was as (
       select r.*, r.state as state_before from ${table} r where ${where(param)}
       order by ${key('r')} for no key update),
     moved as (
       update ${table} r set state = $1::text ${sets.join('')}
       from was where (${key('r')}) = (${key('was')})
         and was.state_before = any($2::text[]) and r.state = any($2::text[])
       returning r.*, was.state_before),
     audit as (
       insert into transitions (machine, subject, event, from_state, to_state, reason)
       select $3, concat_ws('/', ${key('moved')}), $4, state_before, $1::text, $5 from moved)
     select * from moved`,
    values,
  );
  return rows;
}

/** The audit row of a row just opened in `event`'s state. */
export async function recordOpening<S extends string, E extends string>(
  tx: ClientBase,
  machine: Machine<S, E>,
  subject: string,
  event: E,
): Promise<void> {
  await tx.query(
    `insert into transitions (machine, subject, event, to_state) values ($1, $2, $3, $4)`,
    [machine.name, subject, event, openedState({ machine, event })],
  );
}

/** The state in which `event` opens a row. */
export function openedState<S extends string, E extends string>({
  machine,
  event,
}: {
  readonly machine: Machine<S, E>;
  readonly event: E;
}): S {
  const to = nextState(machine, null, event);
  if (to === undefined) throw new Error(`${machine.name}: ${event} opens no row`);
  return to;
}

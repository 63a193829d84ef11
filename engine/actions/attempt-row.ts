import type { ClientBase } from 'pg';
import {
  type AttemptEvent,
  type AttemptFlow,
  attemptMachine,
  type AttemptState,
} from '../../domain/actions/machine.js';
import type { Msat } from '../../domain/money.js';
import type { MachineTable } from '../transition.js';
import type { ActionRef } from './contract.js';

export const ATTEMPTS: MachineTable<AttemptState, AttemptEvent> = {
  machine: attemptMachine,
  table: 'attempts',
  keyColumns: ['action_id', 'attempt'],
  keyTypes: ['uuid', 'integer'],
};

export interface AttemptRow {
  readonly action_id: string;
  readonly attempt: number;
  readonly flow: AttemptFlow;
  readonly state: AttemptState;
  readonly reason: string | null;
  readonly cost_msat: Msat;
  readonly performed: boolean;
  readonly type_failures: number;
  readonly deadline_at: Date | null;
  /** Of a wrapped one: its payee, what kind of share it gets, and of how much. */
  readonly payee: string | null;
  readonly payee_kind: string | null;
  readonly payee_msat: Msat | null;
}

/** Locks attempts in the order of their keys, until the transaction ends. Returns them in the order of `refs`. */
export async function lockAttempts(
  tx: ClientBase,
  refs: readonly ActionRef[],
): Promise<AttemptRow[]> {
  const { rows } = await tx.query<AttemptRow>(
    `select a.* from (
       select * from unnest($1::uuid[], $2::integer[]) as r(action_id, attempt) order by action_id, attempt) r
     cross join lateral (
       select * from attempts a where a.action_id = r.action_id and a.attempt = r.attempt
       for no key update) a`,
    [refs.map(({ actionId }) => actionId), refs.map(({ attempt }) => attempt)],
  );
  const found = new Map(rows.map((row) => [`${row.action_id}/${row.attempt}`, row]));
  return refs.map(({ actionId, attempt }) => {
    const row = found.get(`${actionId}/${attempt}`);
    if (row === undefined) throw new Error(`no attempt ${actionId}/${attempt}`);
    return row;
  });
}

export async function lockAttempt(tx: ClientBase, ref: ActionRef): Promise<AttemptRow> {
  const [row] = await lockAttempts(tx, [ref]);
  if (row === undefined) throw new Error('no attempt was asked for');
  return row;
}

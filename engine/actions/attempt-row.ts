import type { ClientBase } from 'pg';
import {
  type AttemptEvent,
  type AttemptFlow,
  attemptMachine,
  type AttemptState,
} from '../../domain/actions/machine.js';
import type { Msat } from '../../domain/money.js';
import type { MachineTable } from '../transition.js';
import { type BoundAction, bindAction, type BoundSteps } from './types/index.js';
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
  readonly lease_until: Date | null;
  readonly settle_seconds: number;
  readonly deadline_at: Date | null;
}

/** What of an action never changes, with its type's steps bound to it. */
export interface ActionSubject {
  readonly id: string;
  readonly type: string;
  readonly actor: string | null;
  readonly costMsat: Msat;
  readonly bound: BoundAction;
  readonly steps: BoundSteps;
}

/** The columns of an action that {@link subjectOf} reads. */
export interface SubjectRow {
  readonly id: string;
  readonly type: string;
  readonly actor: string | null;
  readonly args: unknown;
  readonly cost_msat: Msat;
}

export function subjectOf(row: SubjectRow): ActionSubject {
  const bound = bindAction(row.type, row.args);
  return {
    id: row.id,
    type: row.type,
    actor: row.actor,
    costMsat: row.cost_msat,
    bound,
    steps: bound.at(row.id, row.actor, row.cost_msat),
  };
}

export async function loadSubject(tx: ClientBase, actionId: string): Promise<ActionSubject> {
  const { rows } = await tx.query<SubjectRow>(
    'select id, type, actor, args, cost_msat from actions where id = $1',
    [actionId],
  );
  if (rows[0] === undefined) throw new Error(`no action ${actionId}`);
  return subjectOf(rows[0]);
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

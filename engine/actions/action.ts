import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';
import { type AnyType, decodeStored } from './types/index.js';
import type { ActionContext } from './types/paid-action-type.js';

/** What of an action never changes, with its type. */
export interface Action {
  readonly id: string;
  readonly type: AnyType;
  readonly actor: string | null;
  readonly args: unknown;
  readonly costMsat: Msat;
}

/** The columns of an action that {@link actionOf} reads. */
export interface ActionRow {
  readonly id: string;
  readonly type: string;
  readonly actor: string | null;
  readonly args: unknown;
  readonly args_version: number;
  readonly cost_msat: Msat;
}

/** SQL: the columns of {@link ActionRow}, of the action `s`. */
export const ACTION_COLUMNS = 's.id, s.type, s.actor, s.args, s.args_version, s.cost_msat';

/** Throws UnknownActionType where another release stored it. */
export function actionOf(row: ActionRow): Action {
  const { type, args } = decodeStored(row.type, row.args_version, row.args);
  return { id: row.id, type, actor: row.actor, args, costMsat: row.cost_msat };
}

export async function loadAction(db: Pick<ClientBase, 'query'>, actionId: string): Promise<Action> {
  const { rows } = await db.query<ActionRow>(
    `select ${ACTION_COLUMNS} from actions s where s.id = $1`,
    [actionId],
  );
  if (rows[0] === undefined) throw new Error(`no action ${actionId}`);
  return actionOf(rows[0]);
}

/** What its type may know of it. */
export function contextOf({ id, actor, args, costMsat }: Action): ActionContext<unknown> {
  return { actionId: id, actor, args, costMsat };
}

/** For invoices and operators. */
export function describe({ type, args }: Pick<Action, 'type' | 'args'>): string {
  return type.describe?.(args) ?? type.name;
}

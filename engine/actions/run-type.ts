import type { ClientBase } from 'pg';
import { isRetryable, isDatabaseUnavailable } from '../../db/errors.js';
import { pipeline } from '../../db/pipeline.js';
import { groupBy } from '../../domain/group-by.js';
import { Refusal } from '../../domain/refusal.js';
import { enqueueAfterPaid } from '../effects.js';
import { type Action, contextOf } from './action.js';
import { loadChildren } from './children.js';
import type { ActionRef } from './contract.js';
import { claimKeys, releasePaid } from './claim-keys.js';

/** A hook of a type failed that must not: tried again, and after {@link MAX_TYPE_FAILURES} times the payment is applied without it. */
export class TypeFailed extends Error {
  override readonly name = 'TypeFailed';

  constructor(
    readonly refs: readonly ActionRef[],
    options: ErrorOptions,
  ) {
    super('a type of action failed', options);
  }
}

export const MAX_TYPE_FAILURES = 5;

/** Why a type did not do what it was asked to: a refusal's detail, or its error. */
export interface NotDone {
  readonly because: string;
}

/**
 * Runs hooks in a savepoint. What they throw is their answer, not ours: nothing of them is left, and the transaction goes on. Only a
 * database that is away, or a conflict that PostgreSQL asks to repeat, is thrown on.
 */
export async function inSavepoint(
  tx: ClientBase,
  work: () => Promise<void>,
): Promise<NotDone | undefined> {
  try {
    // What the hooks send first comes after it, on the same connection.
    await pipeline([tx.query('savepoint type'), work()]);
    // Nobody waits for its answer: should it fail, so does everything after it, the commit too.
    tx.query('release savepoint type').catch(() => undefined);
    return undefined;
  } catch (error) {
    if (isDatabaseUnavailable(error) || isRetryable(error)) throw error;
    await tx.query('rollback to savepoint type');
    return { because: error instanceof Refusal ? error.detail : String(error) };
  }
}

/** Validates again, claims its keys, which a failed attempt has given up, then performs. */
export function tryPerform(
  tx: ClientBase,
  action: Action,
  attempt: number,
): Promise<NotDone | undefined> {
  return inSavepoint(tx, async () => {
    await validate(tx, action);
    await claimKeys(tx, action);
    await perform(tx, action, attempt);
  });
}

/** Whether it is possible, with what is paid with it. Throws Refusal where it is not. */
export async function validate(tx: ClientBase, action: Action): Promise<void> {
  for (const each of await withChildren(tx, action)) {
    await each.type.validate?.(tx, contextOf(each));
  }
}

/** Performs, or performs again where an earlier attempt was performed and undone. */
export async function perform(tx: ClientBase, action: Action, attempt: number): Promise<void> {
  const again = attempt > 1 && (await wasPerformed(tx, action.id, attempt));
  for (const each of await withChildren(tx, action)) {
    if (again) {
      await each.type.onRetry?.(tx, contextOf(each));
      await setState(tx, [each], 'PENDING');
    } else {
      await each.type.perform?.(tx, contextOf(each));
    }
  }
}

/** The action, and then those that are performed, paid and undone with it. */
async function withChildren(tx: ClientBase, action: Action): Promise<readonly Action[]> {
  return [action, ...((await loadChildren(tx, [action])) ?? [])];
}

async function wasPerformed(tx: ClientBase, actionId: string, before: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select 1 from attempts where action_id = $1 and attempt < $2 and performed limit 1',
    [actionId, before],
  );
  return rowCount === 1;
}

/** Makes what actions wrote visible to everybody, with all that follows from their being paid. */
export async function makePaid(tx: ClientBase, parents: readonly Action[]): Promise<void> {
  const children = loadChildren(tx, parents);
  const actions = children === undefined ? parents : [...parents, ...(await children)];
  const byType = groupBy(actions, ({ type }) => type);
  await pipeline([
    ...lockRows(tx, actions),
    ...setStates(tx, actions, 'PAID'),
    ...[...byType].map(([type, of]) => type.onPaid?.(tx, of.map(contextOf)) ?? Promise.resolve()),
    releasePaid(tx, actions),
    enqueueAfterPaid(tx, idsWithEffects(parents)),
  ]);
}

function idsWithEffects(actions: readonly Action[]): readonly string[] {
  return actions.filter(({ type }) => type.afterPaid !== undefined).map(({ id }) => id);
}

/**
 * Takes back what an action did, leaving the failure for its author to see. A type that cannot is asked again later: that must not keep
 * the payer's money.
 */
export async function undo(tx: ClientBase, action: Action, attempt: number): Promise<void> {
  const failed = await tryUndo(tx, action);
  if (failed === undefined) return;
  await tx.query(
    `insert into effects (action_id, attempt, kind, tries, last_error) values ($1, $2, 'undo', 1, $3)`,
    [action.id, attempt, failed.because],
  );
}

export function tryUndo(tx: ClientBase, action: Action): Promise<NotDone | undefined> {
  return inSavepoint(tx, async () => {
    for (const each of await withChildren(tx, action)) {
      await setState(tx, [each], 'FAILED');
      await each.type.undo?.(tx, contextOf(each));
    }
  });
}

function lockRows(tx: ClientBase, actions: readonly Action[]): Promise<void>[] {
  const rows = actions.flatMap((action) => action.type.locks?.(contextOf(action)) ?? []);
  const byTable = groupBy(rows, ({ table }) => table);
  return [...byTable].map(async ([table, of]) => {
    await tx.query(`select from ${table} where id = any($1::bigint[]) order by id for update`, [
      [...new Set(of.map(({ id }) => id))],
    ]);
  });
}

type RowState = 'PENDING' | 'PAID' | 'FAILED';

async function setState(
  tx: ClientBase,
  actions: readonly Action[],
  state: RowState,
): Promise<void> {
  await pipeline(setStates(tx, actions, state));
}

/** Table names are constants of types. */
function setStates(tx: ClientBase, actions: readonly Action[], state: RowState): Promise<void>[] {
  const tables = groupBy(
    actions.flatMap((action) => action.type.tables.map((table) => ({ table, id: action.id }))),
    ({ table }) => table,
  );
  return [...tables].map(async ([table, of]) => {
    await tx.query(`update ${table} set state = $2 where action_id = any($1::uuid[])`, [
      of.map(({ id }) => id),
      state,
    ]);
  });
}

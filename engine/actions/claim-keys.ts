import type { ClientBase } from 'pg';
import { giveKeysBack, refuseTaken, takeKeys } from '../exclusive-keys.js';
import { type Action, contextOf } from './action.js';

/** Claims what the action must have for itself; again is the same as once. Throws the Refusal of the key that another action has. */
export async function claimKeys(tx: ClientBase, action: Action): Promise<void> {
  await takeKeys(tx, action.id, (await action.type.keys?.(tx, contextOf(action))) ?? []);
}

/** When an attempt is opened, which is `performed` at once or later: by its type it claims its keys, or looks whether it could. */
export async function claimAtOpening(
  tx: ClientBase,
  action: Action,
  performed: boolean,
): Promise<void> {
  if (performed || action.type.keysFrom !== 'performed') return claimKeys(tx, action);
  await refuseTaken(tx, action.id, (await action.type.keys?.(tx, contextOf(action))) ?? []);
}

/** What a failed action no longer needs. A retry claims it again. */
export async function releaseKeys(tx: ClientBase, action: Action): Promise<void> {
  if (action.type.keys !== undefined) await giveKeysBack(tx, [action.id]);
}

/** What actions needed only until they were paid. */
export async function releasePaid(tx: ClientBase, actions: readonly Action[]): Promise<void> {
  const over = actions.filter(({ type }) => type.keysUntil === 'paid');
  if (over.length === 0) return;
  await giveKeysBack(
    tx,
    over.map(({ id }) => id),
  );
}

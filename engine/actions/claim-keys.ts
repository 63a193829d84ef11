import type { ClientBase } from 'pg';
import { giveKeysBack, takeKeys } from '../exclusive-keys.js';
import { type Action, contextOf } from './action.js';

/** Claims what the action must have for itself; again is the same as once. Throws the Refusal of the key that another action has. */
export async function claimKeys(tx: ClientBase, action: Action): Promise<void> {
  await takeKeys(tx, action.id, (await action.type.keys?.(tx, contextOf(action))) ?? []);
}

/** What a failed action no longer needs. A retry claims it again. */
export async function releaseKeys(tx: ClientBase, action: Action): Promise<void> {
  if (action.type.keys !== undefined) await giveKeysBack(tx, [action.id]);
}

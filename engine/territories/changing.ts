import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { type ExclusiveKey, isTakenByOther } from '../exclusive-keys.js';

/** Taken by a creation for ever. */
export function nameKey(name: string): ExclusiveKey {
  const detail = `the name ${name} is taken`;
  return { key: `territory/${name}`, taken: { code: 'territory.name_taken', detail } };
}

/** Of {@link changeKey}; the name follows. */
export const CHANGE_PREFIX = 'territory-change/';

/**
 * Taken by whatever is paid for a territory, from the time at which its money is held until it is paid: meanwhile nothing else changes
 * it, and what was checked when the money was held still holds when it is ours.
 */
export function changeKey(name: string): ExclusiveKey {
  const detail = `a payment for ${name} is being settled: try again`;
  return { key: `${CHANGE_PREFIX}${name}`, taken: { code: 'territory.changing', detail } };
}

/** Throws Refusal `territory.changing` while a payment is being settled, which changes the territory. */
export async function refuseWhileChanging(
  db: Pick<ClientBase, 'query'>,
  name: string,
): Promise<void> {
  const { key, taken } = changeKey(name);
  if (await isTakenByOther(db, key, null)) throw new Refusal(taken.code, taken.detail);
}

import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { isTakenByOther } from '../exclusive-keys.js';

/** Taken by a creation for ever. */
export function nameKey(name: string): string {
  return `territory/${name}`;
}

/** Taken by whatever is paid for a territory, from the time at which its money is held until it is paid. */
export function changeKey(name: string): string {
  return `territory-change/${name}`;
}

/** Throws Refusal `territory.changing` while the payment of another action is being settled, which changes the territory. */
export async function refuseWhileChanging(
  db: Pick<ClientBase, 'query'>,
  name: string,
  actionId: string | null,
): Promise<void> {
  if (await isTakenByOther(db, changeKey(name), actionId)) {
    throw new Refusal('territory.changing', `a payment for ${name} is being settled: try again`);
  }
}

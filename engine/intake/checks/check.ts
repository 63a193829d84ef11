import type { PoolClient } from 'pg';
import type { StoreAnswer, StoreApi } from '../../../adapters/woocommerce/port.js';
import { transact } from '../../context.js';
import type { IntakeContext } from '../context.js';
import { healIncident, raiseIncident } from '../incidents/raise.js';
import type { Store } from '../stores/store.js';

/** One look at a store: what its workflow does again and again. */
export interface Check {
  readonly context: IntakeContext;
  readonly store: Store;
  /** Undefined for a store without a key. */
  readonly api: StoreApi | undefined;
}

export function inCheck<T>({ context }: Check, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  return transact(context, work);
}

/** Whether findings have to be told without the store: it has no key, or has not answered for too long. */
export function isUnverifiable({ api, store }: Check): boolean {
  if (api === undefined) return true;
  const since = store.unreachableSince;
  if (since === null) return false;
  const seconds = (store.databaseNow.getTime() - since.getTime()) / 1000;
  return seconds * store.clockRate > store.settings.unverifiedSeconds;
}

/** The value of an answer; undefined, after taking note, where the store did not give one. `not_found` is for the caller. */
export async function valueOf<T>(check: Check, answer: StoreAnswer<T>): Promise<T | undefined> {
  if (answer.kind === 'ok' || answer.kind === 'not_found') {
    await noteAnswered(check);
    return answer.kind === 'ok' ? answer.value : undefined;
  }
  const reason = answer.kind === 'refused' ? `${answer.status} ${answer.code}` : answer.reason;
  await noteUnreachable(check, reason);
  return undefined;
}

async function noteAnswered(check: Check): Promise<void> {
  const { store } = check;
  if (store.unreachableSince === null) return;
  await inCheck(check, async (tx) => {
    await tx.query('update stores set unreachable_since = null where id = $1', [store.id]);
    await healIncident(tx, { store: store.id, kind: 'store_unreachable', cause: 'api' });
  });
}

async function noteUnreachable(check: Check, reason: string): Promise<void> {
  const { store } = check;
  await inCheck(check, async (tx) => {
    await tx.query(
      'update stores set unreachable_since = coalesce(unreachable_since, clock_timestamp()) where id = $1',
      [store.id],
    );
    if (!isUnverifiable(check)) return;
    await raiseIncident(tx, {
      ...{ store: store.id, kind: 'store_unreachable', cause: 'api', verified: true },
      summary: `The API of the store gives no answer that can be used: ${reason}`.slice(0, 500),
    });
  });
}

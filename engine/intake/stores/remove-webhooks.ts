import type { StoreApi } from '../../../adapters/woocommerce/port.js';
import type { IntakeContext } from '../context.js';
import { deliveryUrlOf } from './create-webhooks.js';
import { describeAnswer } from './describe-answer.js';
import { connectTo, type Store } from './store.js';

/** A webhook that still delivers to us: its owner has to delete it in the store. */
export interface RemainingWebhook {
  readonly webhookId: bigint | null;
  readonly topic: string;
  readonly reason: string;
}

export interface RemovedWebhooks {
  readonly removed: number;
  readonly remaining: readonly RemainingWebhook[];
}

/** Deletes the webhooks of a store that deliver to us, where its key may; says which remain. */
export async function removeWebhooks(
  context: IntakeContext,
  store: Store,
): Promise<RemovedWebhooks> {
  const api = connectTo(context, store);
  if (api === undefined) return known(context, store, 'there is no API key');
  const listed = await api.webhooks();
  if (listed.kind !== 'ok') return known(context, store, describeAnswer(listed));
  const url = deliveryUrlOf(context, store.id);
  const ours = listed.value.filter(
    ({ deliveryUrl }) => deliveryUrl === url || deliveryUrl.startsWith(`${url}/`),
  );
  const remaining: RemainingWebhook[] = [];
  for (const { id, topic } of ours) {
    const reason = await remove(api, id);
    if (reason !== undefined) remaining.push({ webhookId: id, topic, reason });
  }
  return { removed: ours.length - remaining.length, remaining };
}

/** Undefined when it is gone; else why not. */
async function remove(api: StoreApi, id: bigint): Promise<string | undefined> {
  const answer = await api.deleteWebhook(id);
  // Not found: somebody was faster, or the answer before was lost.
  return answer.kind === 'ok' || answer.kind === 'not_found' ? undefined : describeAnswer(answer);
}

/** Those that we have created or been told of. */
async function known(
  { pool }: Pick<IntakeContext, 'pool'>,
  { id }: Pick<Store, 'id'>,
  reason: string,
): Promise<RemovedWebhooks> {
  const { rows } = await pool.query<{ webhookId: bigint | null; topic: string }>(
    'select webhook_id as "webhookId", topic from store_webhooks where store = $1 order by id',
    [id],
  );
  return { removed: 0, remaining: rows.map((row) => ({ ...row, reason })) };
}

import type { ClientBase } from 'pg';
import type { StoreWebhook } from '../../../adapters/woocommerce/port.js';
import { healIncident, raiseIncident } from '../incidents/raise.js';
import { deliveryUrlOf } from '../stores/create-webhooks.js';
import { type Check, inCheck, valueOf } from './check.js';

/** What a store has to tell; deleted and restored explain orders that are not found. */
export const NEEDED_TOPICS = [
  'order.created',
  'order.updated',
  'order.deleted',
  'order.restored',
] as const;

/** A store switches a webhook off after seven failures, and says nothing: it is asked. */
export async function checkWebhooks(check: Check): Promise<void> {
  const { api, store, context } = check;
  await healSignatures(check);
  if (api === undefined) return;
  const all = await valueOf(check, await api.webhooks());
  if (all === undefined) return;
  const url = deliveryUrlOf(context, store.id);
  await inCheck(check, async (tx) => {
    const { rows } = await tx.query<{ id: bigint }>(
      'select webhook_id as id from store_webhooks where store = $1 and webhook_id is not null',
      [store.id],
    );
    const ours = new Set(rows.map(({ id }) => id));
    const isOurs = (one: StoreWebhook): boolean =>
      ours.has(one.id) || one.deliveryUrl.startsWith(url);
    const kept = all.filter(isOurs);
    for (const id of ours) {
      if (!kept.some((one) => one.id === id))
        await off(tx, store.id, `webhook/${id}`, 'was deleted');
    }
    for (const webhook of kept) await look(tx, store.id, webhook, url);
    for (const topic of NEEDED_TOPICS) {
      if (kept.some((one) => one.topic === topic)) await on(tx, store.id, topic);
      else await off(tx, store.id, topic, 'does not exist');
    }
  });
}

async function look(
  tx: ClientBase,
  store: string,
  { id, status, topic, deliveryUrl }: StoreWebhook,
  url: string,
): Promise<void> {
  await tx.query(
    `update store_webhooks set status = $3, checked_at = clock_timestamp() where store = $1 and webhook_id = $2`,
    [store, id, status],
  );
  const cause = `webhook/${id}`;
  if (status !== 'active') await off(tx, store, cause, `for ${topic} is ${status}`);
  else if (!deliveryUrl.startsWith(url))
    await off(tx, store, cause, `for ${topic} delivers elsewhere`);
  else await on(tx, store, cause);
}

async function off(tx: ClientBase, store: string, cause: string, what: string): Promise<void> {
  const summary = `The ${cause.startsWith('webhook') ? cause.replace('/', ' ') : `webhook ${cause}`} ${what}.`;
  await raiseIncident(tx, { store, kind: 'webhook_off', cause, summary, verified: true });
}

async function on(tx: ClientBase, store: string, cause: string): Promise<void> {
  await healIncident(tx, { store, kind: 'webhook_off', cause });
}

/** A wrong signature is over once a later delivery of the same webhook had a right one. */
async function healSignatures(check: Check): Promise<void> {
  const { store } = check;
  await inCheck(check, async (tx) => {
    const { rows } = await tx.query<{ webhookId: bigint }>(
      `select distinct b.webhook_id as "webhookId" from store_events b
       where b.store = $1 and not b.verified and b.webhook_id is not null
         and exists (select from store_events g where g.store = b.store and g.webhook_id = b.webhook_id and g.verified and g.received_at > (
           select max(received_at) from store_events m where m.store = b.store and m.webhook_id = b.webhook_id and not m.verified))`,
      [store.id],
    );
    for (const { webhookId } of rows) {
      await healIncident(tx, {
        store: store.id,
        kind: 'bad_signature',
        cause: `webhook/${webhookId}`,
      });
    }
  });
}

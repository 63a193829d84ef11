import type { ClientBase } from 'pg';
import { nostrEvent, relaysOf } from '../../domain/nostr/zap-request.js';

/** The receipt of a paid zap request, for each relay that the request names, once. */
export async function scheduleReceipts(
  tx: Pick<ClientBase, 'query'>,
  actionId: string,
  zapRequest: string,
): Promise<void> {
  const relays = relaysOf(nostrEvent.parse(JSON.parse(zapRequest)));
  await tx.query(
    `insert into deliveries (kind, key, action_id, address)
     select 'ZAP_RECEIPT', 'zap-receipt/' || $1 || '/' || relay, $1::uuid, relay from unnest($2::text[]) as relay
     on conflict (key) do nothing`,
    [actionId, relays],
  );
}

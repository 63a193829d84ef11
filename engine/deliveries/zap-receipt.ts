import type { Pool } from 'pg';
import type { NostrEvent, NostrRelays } from '../../adapters/nostr/port.js';
import { nostrEvent, receiptTags, ZAP_RECEIPT } from '../../domain/nostr/zap-request.js';
import { signEvent } from '../nostr-key.js';
import type { Delivered, Delivery } from './delivery.js';

interface ReceiptParts {
  readonly pool: Pool;
  readonly secret: string;
  readonly relays: NostrRelays;
}

/** Says at a relay that a payment was made. The same event each time: a relay that has it already keeps one. */
export async function sendReceipt(
  parts: ReceiptParts,
  { action_id: actionId, address }: Delivery,
): Promise<Delivered> {
  const receipt = actionId === null ? undefined : await readReceipt(parts, actionId);
  if (receipt === undefined || address === null) return 'refused';
  const outcome = await parts.relays.publish(address, receipt);
  return outcome === 'accepted' ? 'delivered' : 'refused';
}

/** The receipt of a paid zap request (NIP-57, appendix E), signed by the server's key. Undefined where there is none. */
export async function readReceipt(
  { pool, secret }: Pick<ReceiptParts, 'pool' | 'secret'>,
  actionId: string,
): Promise<NostrEvent | undefined> {
  const { rows } = await pool.query<{ request: string; bolt11: string; paid: number }>(
    `select p.zap_request as request, i.bolt11, floor(extract(epoch from a.changed_at))::float8 as paid
     from proxy_payments p
     join attempts a on a.action_id = p.action_id and a.state = 'PAID'
     join invoices i on i.action_id = a.action_id and i.attempt = a.attempt
     where p.action_id = $1 and p.zap_request is not null and i.bolt11 is not null`,
    [actionId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const request = nostrEvent.parse(JSON.parse(row.request));
  return signEvent(secret, {
    created_at: row.paid,
    kind: ZAP_RECEIPT,
    tags: receiptTags(request, { requestText: row.request, bolt11: row.bolt11 }),
    content: '',
  });
}

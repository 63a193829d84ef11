import { randomBytes } from 'node:crypto';
import type { StoreApi } from '../../../adapters/woocommerce/port.js';
import type { IntakeContext } from '../context.js';
import { describeAnswer } from './describe-answer.js';
import { addSecret } from './webhook-secrets.js';

const TOPICS = ['order.created', 'order.updated', 'order.deleted', 'order.restored'] as const;
/** Letters and digits: stores decode HTML entities in a secret before they sign. */
const SECRET_BYTES = 24;

export interface CreatedWebhooks {
  readonly created: number;
  /** Whether the store's ping came in: it reaches us. */
  readonly reached: boolean;
  readonly problems: readonly string[];
}

/** Where the store delivers. */
export function deliveryUrlOf(
  { publicUrl }: Pick<IntakeContext, 'publicUrl'>,
  store: string,
): string {
  return `${publicUrl.replace(/\/$/, '')}/v1/stores/${store}/webhooks`;
}

/** Creates the four webhooks of a store. Needs a key that may write. The secret is known before the first delivery may come. */
export async function createWebhooks(
  context: IntakeContext,
  store: string,
  api: StoreApi,
): Promise<CreatedWebhooks> {
  const deliveryUrl = deliveryUrlOf(context, store);
  const problems = [...unreachableUrl(context.publicUrl)];
  const since = new Date();
  let created = 0;
  for (const topic of TOPICS) {
    const secret = randomBytes(SECRET_BYTES).toString('hex');
    await addSecret(context.pool, context.keys, { store, topic, secret, deliveryUrl });
    const answer = await api.createWebhook({
      name: `Quittance ${topic}`,
      topic,
      deliveryUrl,
      secret,
    });
    if (answer.kind === 'ok') {
      created += 1;
      await context.pool.query(
        `update store_webhooks set webhook_id = $3, status = $4
         where id = (select max(id) from store_webhooks where store = $1 and topic = $2 and webhook_id is null)`,
        [store, topic, answer.value.id, answer.value.status],
      );
    } else problems.push(`${topic}: ${describeAnswer(answer)}`);
  }
  const { rows } = await context.pool.query<{ reached: boolean }>(
    `select coalesce(last_ping_at >= $2::timestamptz - interval '5 seconds', false) as reached from stores where id = $1`,
    [store, since],
  );
  const reached = rows[0]?.reached ?? false;
  if (created > 0 && !reached) problems.push(`the store's ping did not come in at ${deliveryUrl}`);
  return { created, reached, problems };
}

/** WordPress refuses private hosts, and ports other than 80, 443 and 8080, unless the store has filters that allow them. */
export function unreachableUrl(publicUrl: string): string[] {
  const { hostname, port, protocol } = new URL(publicUrl);
  const problems: string[] = [];
  if (PRIVATE.test(hostname)) {
    problems.push(
      `WordPress does not deliver to the private host ${hostname} without the filter http_request_host_is_external`,
    );
  }
  if (port !== '' && port !== '8080' && port !== '80' && port !== '443') {
    problems.push(
      `WordPress delivers to ports 80, 443 and 8080 only, and not to ${port} without the filter http_allowed_safe_ports`,
    );
  }
  if (protocol !== 'https:') problems.push('deliveries are not encrypted: use https');
  return problems;
}

const PRIVATE =
  /^(localhost|127\.|10\.|0\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[|.*\.(local|internal)$)/;

import { intakeSubject } from '../../../domain/names/subjects.js';
import { transact } from '../../context.js';
import { enqueueEvent } from '../../outbox.js';
import type { IntakeContext } from '../context.js';
import { readSecrets } from '../stores/webhook-secrets.js';
import { isSigned } from './signature.js';

interface Refused {
  readonly id: bigint;
  readonly topic: string;
  readonly signature: string | null;
  readonly body: Buffer;
}

/**
 * Takes in deliveries that were refused for their signature and that a secret of today signs. Gives how many; with `preview` it
 * only counts them.
 */
export async function replayRefused(
  context: IntakeContext,
  store: string,
  { preview }: { readonly preview: boolean },
): Promise<number> {
  const secrets = (await readSecrets(context.pool, context.keys, store)) ?? [];
  return transact(context, async (tx) => {
    const { rows } = await tx.query<Refused>(
      `select id, topic, headers ->> 'x-wc-webhook-signature' as signature, body from store_events
       where store = $1 and not verified and body_bytes = octet_length(body) order by id for update`,
      [store],
    );
    const genuine = rows.filter(({ body, signature }) => isSigned(body, signature ?? '', secrets));
    if (preview) return genuine.length;
    await tx.query('update store_events set verified = true where id = any ($1)', [
      genuine.map(({ id }) => id),
    ]);
    for (const { id, topic } of genuine) {
      await enqueueEvent(tx, {
        subject: intakeSubject(store, topic),
        orderingKey: `store-event/${id}`,
        payload: { event: String(id) },
      });
    }
    return genuine.length;
  });
}

import type { ClientBase } from 'pg';
import { intakeSubject } from '../../../domain/names/subjects.js';
import { transact } from '../../context.js';
import { enqueueEvent } from '../../outbox.js';
import type { IntakeContext } from '../context.js';
import { readSecrets } from '../stores/webhook-secrets.js';
import { DEAD } from './dead-letters.js';
import { isSigned } from './signature.js';

interface DeadDelivery {
  readonly id: bigint;
  readonly topic: string;
  readonly verified: boolean;
  readonly signature: string | null;
  readonly body: Buffer;
}

export interface Replay {
  /** Those of them that are dead letters; left out: all that were refused for their signature. */
  readonly ids?: readonly bigint[];
  readonly preview: boolean;
}

/**
 * Takes in dead letters: refused ones that a secret of today signs, and others by their ids. Customers are mailed nothing for it. Gives
 * how many; with `preview` it only counts them.
 */
export async function replayDeliveries(
  context: IntakeContext,
  store: string,
  { ids, preview }: Replay,
): Promise<number> {
  const secrets = (await readSecrets(context.pool, context.keys, store)) ?? [];
  return transact(context, async (tx) => {
    const rows = await readDead(tx, store, ids);
    const genuine = rows.filter(
      ({ verified, body, signature }) => verified || isSigned(body, signature ?? '', secrets),
    );
    if (preview) return genuine.length;
    await tx.query(
      `update store_events set verified = true, replayed_at = clock_timestamp(), outcome = null, applied_at = null where id = any ($1)`,
      [genuine.map(({ id }) => id)],
    );
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

/** Kept whole, and not erased. */
async function readDead(
  tx: ClientBase,
  store: string,
  ids: readonly bigint[] | undefined,
): Promise<DeadDelivery[]> {
  const { rows } = await tx.query<DeadDelivery>(
    `select id, topic, verified, headers ->> 'x-wc-webhook-signature' as signature, body from store_events
     where store = $1 and body_bytes = octet_length(body) and erased_at is null
       and case when $2::bigint[] is null then not verified else id = any ($2) and (not verified or outcome in ${DEAD}) end
     order by id for update`,
    [store, ids ?? null],
  );
  return rows;
}

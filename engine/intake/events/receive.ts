import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { intakeSubject } from '../../../domain/names/subjects.js';
import { transact } from '../../context.js';
import type { IntakeContext } from '../context.js';
import { raiseIncident } from '../incidents/raise.js';

/** A delivery as it came in. */
export interface Delivery {
  readonly store: string;
  readonly topic: string;
  readonly source: string;
  readonly webhookId: string;
  readonly deliveryId: string;
  /** Those that are kept. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Longer bodies are kept up to here. No order of a real store comes near. */
export const KEPT_BYTES = 5 * 1024 * 1024;
/** Of deliveries with a wrong signature, which anybody can send. */
const UNVERIFIED_BYTES = 1024 * 1024;
const UNVERIFIED_ROWS = 500;

const INSERT = `
  insert into store_events (store, dedupe_key, topic, webhook_id, delivery_id, headers, body, body_bytes, verified, outcome, applied_at)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $10::text is not null then clock_timestamp() end`;

/**
 * Stores a delivery with a right signature, and tells the relay. The same delivery again changes nothing, unless it was refused
 * before, while the secret was not known.
 */
export async function receiveDelivery(context: IntakeContext, delivery: Delivery): Promise<void> {
  const tooLarge = delivery.body.length > KEPT_BYTES;
  await transact(context, async (tx) => {
    await tx.query(
      `with added as (
         ${INSERT}
         on conflict (store, dedupe_key) do update set verified = true, outcome = excluded.outcome, applied_at = excluded.applied_at
           where not store_events.verified
         returning id)
       insert into outbox (destination, kind, ordering_key, subject, payload, available_at, due_since)
       select 'nats', 'event', 'store-event/' || id, $11, jsonb_build_object('event', id::text), clock_timestamp(), clock_timestamp()
       from added`,
      [
        ...rowOf(delivery, KEPT_BYTES),
        true,
        tooLarge ? 'too_large' : null,
        intakeSubject(delivery.store, delivery.topic),
      ],
    );
    if (tooLarge) {
      await raiseIncident(tx, {
        ...{ store: delivery.store, kind: 'store_errors', cause: 'too_large', verified: true },
        summary: `A delivery of ${delivery.body.length} bytes is too large to be read; the store is asked for its orders instead.`,
      });
    }
  });
}

/** Keeps a delivery whose signature is wrong, up to a bound, and raises an incident at once. */
export async function refuseDelivery(context: IntakeContext, delivery: Delivery): Promise<void> {
  const { store, webhookId } = delivery;
  await transact(context, async (tx) => {
    await keepRefused(tx, delivery);
    // Anybody can make ids up: those of which the store once sent something are causes of their own.
    const { rowCount } = await tx.query(
      `select from store_webhooks where store = $1 and webhook_id = $2
       union all (select from store_events where store = $1 and webhook_id = $2 and verified limit 1)`,
      [store, bigintOrNull(webhookId)],
    );
    const cause = (rowCount ?? 0) > 0 ? `webhook/${webhookId}` : 'unknown webhook';
    await raiseIncident(tx, {
      ...{ store, kind: 'bad_signature', cause, verified: true },
      summary: `A delivery of ${cause} has a signature that no secret of the store makes.`,
    });
  });
}

async function keepRefused(tx: ClientBase, delivery: Delivery): Promise<void> {
  if (delivery.body.length > UNVERIFIED_BYTES) return;
  await tx.query(
    `${INSERT}
     where (select count(*) from (
       select from store_events where store = $1 and not verified limit ${UNVERIFIED_ROWS}) r) < ${UNVERIFIED_ROWS}
     on conflict (store, dedupe_key) do nothing`,
    [...rowOf(delivery, UNVERIFIED_BYTES), false, null],
  );
}

function rowOf(delivery: Delivery, mostBytes: number): unknown[] {
  const { store, topic, webhookId, deliveryId, headers, body } = delivery;
  return [
    ...[store, dedupeKey(delivery), topic, bigintOrNull(webhookId)],
    ...[deliveryId === '' ? null : deliveryId, JSON.stringify(headers)],
    ...[body.subarray(0, mostBytes), body.length],
  ];
}

/** A delivery's id alone is no key: two deliveries of one webhook in one second share it. */
function dedupeKey({ source, webhookId, topic, deliveryId, body }: Delivery): Buffer {
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const parts = [source, webhookId, topic, deliveryId, bodyHash];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

function bigintOrNull(text: string): string | null {
  return /^\d{1,18}$/.test(text) ? text : null;
}

/** The unsigned request that a store sends when a webhook is switched on: it shows that the store reaches us. */
export async function notePing(context: IntakeContext, store: string): Promise<void> {
  await context.pool.query(
    `update stores set last_ping_at = clock_timestamp()
     where id = $1 and (last_ping_at is null or last_ping_at < clock_timestamp() - interval '1 second')`,
    [store],
  );
}

import type { ClientBase } from 'pg';
import { type ParseProblem, parseOrder } from '../../../domain/intake/order-snapshot.js';
import type { SnapshotSource } from '../../../domain/intake/plan-snapshot.js';
import type { ApplyOutcome } from '../../context.js';
import { healIncident, raiseIncident } from '../incidents/raise.js';
import { applySnapshot } from '../orders/apply-snapshot.js';
import { noteDeleted } from '../orders/note-deleted.js';
import { addTrail } from '../orders/trail.js';
import { readStore, type Store } from '../stores/store.js';

interface OpenEvent {
  readonly id: bigint;
  readonly store: string;
  readonly topic: string;
  readonly webhookId: bigint | null;
  readonly body: Buffer;
  readonly replayed: boolean;
}

/** What became of an event, and which order it is about. */
interface Outcome {
  readonly outcome: string;
  readonly orderId: bigint | null;
}

const DELIVERED: ReadonlyMap<string, SnapshotSource> = new Map([
  ['order.created', 'created'],
  ['order.updated', 'updated'],
  ['order.restored', 'restored'],
]);

/** Applies a stored delivery, once: in the caller's transaction. `known`: it was applied before. */
export async function applyEvent(tx: ClientBase, eventId: bigint): Promise<ApplyOutcome> {
  const { rows } = await tx.query<OpenEvent>(
    `select id, store, topic, webhook_id as "webhookId", body, replayed_at is not null as replayed from store_events
     where id = $1 and outcome is null and verified for update`,
    [eventId],
  );
  const [event] = rows;
  if (event === undefined) return 'known';
  const store = await readStore(tx, event.store);
  const { outcome, orderId } = await applyBody(tx, store, event);
  await tx.query(
    `update store_events set outcome = $2, order_id = $3, applied_at = clock_timestamp() where id = $1`,
    [eventId, outcome, orderId],
  );
  return 'applied';
}

async function applyBody(tx: ClientBase, store: Store, event: OpenEvent): Promise<Outcome> {
  const { topic } = event;
  if (!topic.startsWith('order.')) return { outcome: 'other_topic', orderId: null };
  const order = parseOrder(event.body.toString('utf8'));
  if (topic === 'order.deleted') {
    const id = 'id' in order ? order.id : null;
    if (id !== null) {
      await noteDeleted(tx, store, id, 'trash');
      return { outcome: 'applied', orderId: id };
    }
  }
  if ('problem' in order) return unreadable(tx, event, order);
  const source = DELIVERED.get(topic);
  if (source === undefined) {
    await addTrail(
      tx,
      { store: store.id, orderId: order.id },
      { what: 'unknown_topic', detail: { topic } },
    );
    return { outcome: 'unknown_topic', orderId: order.id };
  }
  const plan = await applySnapshot(tx, store, order, source, event.replayed);
  await healIncident(tx, { store: store.id, kind: 'store_errors', cause: causeOf(event) });
  return { outcome: plan === 'insert' ? 'applied' : OUTCOMES[plan], orderId: order.id };
}

const OUTCOMES = { apply: 'applied', same: 'same', older: 'older', dispute: 'disputed' } as const;

/** Acknowledged, kept and reported. */
async function unreadable(tx: ClientBase, event: OpenEvent, order: ParseProblem): Promise<Outcome> {
  const { problem, detail } = order;
  await raiseIncident(tx, {
    ...{ store: event.store, kind: 'store_errors', cause: causeOf(event), verified: true },
    summary: `A delivery of ${event.topic} holds no order: ${problem}. ${detail}`.slice(0, 500),
    details: { event: String(event.id), problem },
  });
  return { outcome: problem, orderId: 'id' in order ? order.id : null };
}

function causeOf({ webhookId }: OpenEvent): string {
  return `webhook/${webhookId ?? 'unknown'}`;
}

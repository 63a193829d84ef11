import type { ClientBase } from 'pg';
import type { OrderSnapshot } from '../../../domain/intake/order-snapshot.js';
import { isDelivery, type SnapshotSource } from '../../../domain/intake/plan-snapshot.js';
import { endsRegistration, type SlipRules } from '../../../domain/intake/slips/rules.js';
import { wakeNotices } from '../incidents/wake-notices.js';
import { addTrail } from '../orders/trail.js';
import type { Store } from '../stores/store.js';
import { saveParticipants } from './save-participants.js';
import { addSlips, type Mailing, outdateSlips, releaseHeld, voidSlips } from './slip-rows.js';

/** What the order was before the snapshot; null where it was not known. */
export interface OrderBefore {
  readonly status: string;
  readonly firstSeen: string;
  readonly participantsAt: Date | null;
  readonly refundsSeen: number;
  readonly erased: boolean;
}

export interface FollowedOrder {
  readonly snapshot: OrderSnapshot;
  readonly source: SnapshotSource;
  readonly before: OrderBefore | null;
  readonly firstSeen: string;
  /** The delivery is replayed: customers get nothing. */
  readonly replayed: boolean;
}

/** Saves participants and their slips as the order now says. In the transaction that changed the order. */
export async function followOrder(
  tx: ClientBase,
  store: Store,
  followed: FollowedOrder,
): Promise<void> {
  const { snapshot, before } = followed;
  const { slips: rules } = store.settings;
  if (before?.erased === true) return;
  const order = { store: store.id, orderId: snapshot.id };
  if (rules?.statuses.includes(snapshot.status) === true) {
    const waiting = await register(tx, store, followed, rules);
    if (waiting > 0) await wakeNotices(tx, store.id, `slips of order ${snapshot.id}`);
    return;
  }
  const had = before !== null && before.participantsAt !== null;
  if (!had) return;
  const refunded = snapshot.refundIds.length > before.refundsSeen;
  if (endsRegistration(snapshot.status)) {
    const count = await voidSlips(tx, order);
    if (count > 0) await addTrail(tx, order, { what: 'slips_void', detail: { count } });
  } else if (refunded) await outdateSlips(tx, order);
}

/** Gives how many slips wait to be mailed that did not before. */
async function register(
  tx: ClientBase,
  store: Store,
  followed: FollowedOrder,
  rules: SlipRules,
): Promise<number> {
  const { snapshot, before } = followed;
  const order = { store: store.id, orderId: snapshot.id };
  const saved = await saveParticipants(tx, store.id, snapshot, rules);
  const of = (what: string) => saved.filter((one) => one.what === what);
  await voidSlips(tx, order, of('removed'));
  // A refund names no participant.
  const refunded = before !== null && snapshot.refundIds.length > before.refundsSeen;
  const outdated = await outdateSlips(tx, order, refunded ? undefined : of('changed'));
  const waiting = await addSlips(tx, order, mailingOf(followed, rules));
  if (saved.length > 0 || outdated > 0) {
    const counts = { added: of('added').length, changed: of('changed').length };
    await addTrail(tx, order, {
      what: 'participants',
      detail: { ...counts, removed: of('removed').length, outdated, waiting },
    });
  }
  return waiting;
}

/** Adopting, importing, replaying and recovering orders mails nothing to customers. */
function mailingOf(
  { snapshot, source, before, firstSeen, replayed }: FollowedOrder,
  { statuses, mailRecovered }: SlipRules,
): Mailing {
  if (replayed || source === 'import') return 'no';
  if (!isDelivery(source) && !mailRecovered) return 'no';
  if (before === null) return firstSeen === 'adopted' ? 'no' : 'yes';
  const enters = snapshot.status !== before.status && !statuses.includes(before.status);
  return enters ? 'yes' : 'as_others';
}

/** The delivery of what the store's API told before: the order was not lost, and its slips are mailed. */
export async function followLateDelivery(
  tx: ClientBase,
  store: Store,
  { snapshot, before, replayed }: Pick<FollowedOrder, 'snapshot' | 'before' | 'replayed'>,
): Promise<void> {
  if (before === null || replayed) return;
  const { participantsAt, firstSeen } = before;
  if (participantsAt === null || firstSeen === 'adopted' || firstSeen === 'import') return;
  const count = await releaseHeld(tx, { store: store.id, orderId: snapshot.id });
  if (count > 0) await wakeNotices(tx, store.id, `slips of order ${snapshot.id}`);
}

import type { OrderSnapshot } from './order-snapshot.js';
import { isDraft } from './statuses.js';

/** Where a snapshot comes from: a delivery by its topic, or the store's API and why it was asked. */
export type SnapshotSource =
  'created' | 'updated' | 'restored' | 'reconcile' | 'gap' | 'check' | 'import';

export function isDelivery(source: SnapshotSource): boolean {
  return source === 'created' || source === 'updated' || source === 'restored';
}

/** What is known of the order. */
export interface KnownOrder {
  readonly status: string;
  readonly total: string;
  readonly modifiedAt: Date;
  readonly snapshotHash: Buffer;
}

/** `dispute`: two deliveries of one second differ, so the store is to be asked. */
export type SnapshotPlan = 'insert' | 'apply' | 'same' | 'older' | 'dispute';

/** An order never goes backwards; what the store answers now settles what two deliveries of one second left open. */
export function planSnapshot(
  known: KnownOrder | undefined,
  snapshot: Pick<OrderSnapshot, 'modifiedAt'>,
  hash: Buffer,
  source: SnapshotSource,
): SnapshotPlan {
  if (known === undefined) return 'insert';
  const ahead = snapshot.modifiedAt.getTime() - known.modifiedAt.getTime();
  if (ahead > 0) return 'apply';
  if (ahead < 0) return 'older';
  if (known.snapshotHash.equals(hash)) return 'same';
  return isDelivery(source) ? 'dispute' : 'apply';
}

/** When the order entered the status that the snapshot shows, as far as the store says. */
export function enteredAt(snapshot: OrderSnapshot, previous: Date | null): Date {
  const { status, modifiedAt, createdAt, paidAt, completedAt } = snapshot;
  const said = {
    processing: paidAt,
    completed: completedAt,
    pending: previous === null ? createdAt : null,
  }[status];
  const fallback =
    previous === null && !isDraft(status) && status !== 'completed' ? createdAt : modifiedAt;
  const at = said ?? fallback;
  const latest = at.getTime() > modifiedAt.getTime() ? modifiedAt : at;
  return previous !== null && latest.getTime() < previous.getTime() ? previous : latest;
}

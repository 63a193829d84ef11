import type { Slice } from './drain.js';
import { type EntryKey, isExpiredAt, keyText, type Lot } from './lot.js';
import { byHistory } from './order.js';
import { type DrainPolicy, drainOrderAt } from './drain-policy.js';
import { DrainQueue, type LiveLot } from './drain-queue.js';
import type { Us } from './time.js';

/** The version of the replay rules. Increase it whenever replay gives other lots: each ledger must then be verified again. */
export const PROJECTION_RULES = 1;

/** A row of an address's history, as far as the replay needs it. */
export interface HistoryEntry extends EntryKey {
  readonly atUs: Us;
  /** Positive: granted; negative: debited. */
  readonly amount: bigint;
  readonly expiresUs: Us | null;
  /** The lot that a refund goes back to while that is valid; once it has expired, the refund is a new lot. */
  readonly refundOf: EntryKey | null;
}

export interface Drain extends Slice {
  readonly debit: EntryKey;
}

/** What a history results in: every lot with what is left of it, every drain, and the uncovered part of each debit. */
export interface Projection {
  readonly lots: readonly (Lot & { readonly amount: bigint })[];
  readonly drains: readonly Drain[];
  readonly shortfalls: readonly { readonly debit: EntryKey; readonly amount: bigint }[];
}

/** Replays one address's history under the drain policies of its time. The rows may come in any order. */
export function replay(
  history: readonly HistoryEntry[],
  policies: readonly DrainPolicy[],
): Projection {
  const lots = new Lots();
  const queue = new DrainQueue();
  const drains: Drain[] = [];
  const shortfalls: { debit: EntryKey; amount: bigint }[] = [];
  for (const entry of [...history].sort(byHistory)) {
    if (entry.amount > 0n) {
      grant(lots, queue, entry);
      continue;
    }
    const { ref, index } = entry;
    const debit = { ref, index };
    const short = debitLots(queue, entry, policies, (slice) => drains.push({ debit, ...slice }));
    if (short > 0n) shortfalls.push({ debit, amount: short });
  }
  return { lots: lots.all, drains, shortfalls };
}

/** Indexes lots by key only when there is a refund: most histories have none, and building the keys costs more than the replay. */
class Lots {
  readonly all: LiveLot[] = [];
  #byKey: Map<string, LiveLot> | undefined;

  add(lot: LiveLot): void {
    this.all.push(lot);
    this.#byKey?.set(keyText(lot), lot);
  }

  find(key: EntryKey): LiveLot | undefined {
    this.#byKey ??= new Map(this.all.map((lot) => [keyText(lot), lot]));
    return this.#byKey.get(keyText(key));
  }
}

function grant(lots: Lots, queue: DrainQueue, entry: HistoryEntry): void {
  const source = entry.refundOf === null ? undefined : lots.find(entry.refundOf);
  if (source !== undefined && !isExpiredAt(source.expiresUs, entry.atUs)) {
    source.remaining += entry.amount;
    queue.add(source);
    return;
  }
  const { ref, index, atUs, expiresUs, amount } = entry;
  const lot = { ref, index, grantedUs: atUs, expiresUs, amount, remaining: amount };
  lots.add(lot);
  queue.add(lot);
}

/** Drains the first lots, reports each slice, and returns the amount that no lot was left for. */
function debitLots(
  queue: DrainQueue,
  { atUs, amount: debited }: HistoryEntry,
  policies: readonly DrainPolicy[],
  onSlice: (slice: Slice) => void,
): bigint {
  let short = -debited;
  for (const lot of queue.first(short, drainOrderAt(policies, atUs), atUs)) {
    const amount = lot.remaining < short ? lot.remaining : short;
    if (amount === 0n) continue;
    lot.remaining -= amount;
    short -= amount;
    const { ref, index, expiresUs } = lot;
    onSlice({ lot: { ref, index }, expiresUs, amount });
  }
  queue.dropEmpty();
  return short;
}

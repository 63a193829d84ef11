import type { Slice } from './drain.js';
import { type EntryKey, isExpiredAt, keyText, type Lot } from './lot.js';
import { byHistory } from './order.js';
import { type DrainPolicy, drainOrderAt } from './policy.js';
import { type LiveLot, Queue } from './queue.js';
import type { Us } from './time.js';

/** Changes with every change of what follows from a history: what is stored under another has to be verified again. */
export const PROJECTION_RULES = 1;

/** A row of an address's history, as far as its lots follow from it. */
export interface HistoryEntry extends EntryKey {
  readonly atUs: Us;
  /** Positive: given; negative: taken. */
  readonly amount: bigint;
  readonly expiresUs: Us | null;
  /** Gives back into this lot while it is valid; afterwards it is a lot of its own. */
  readonly refundOf: EntryKey | null;
}

export interface Drain extends Slice {
  readonly debit: EntryKey;
}

/** What follows from a history: every lot with what is left of it, every drain, and what debits lacked. */
export interface Projection {
  readonly lots: readonly (Lot & { readonly amount: bigint })[];
  readonly drains: readonly Drain[];
  readonly shortfalls: readonly { readonly debit: EntryKey; readonly amount: bigint }[];
}

/** Replays one address's history, in any order given, under the policies of its time. */
export function replay(
  history: readonly HistoryEntry[],
  policies: readonly DrainPolicy[],
): Projection {
  const lots = new Lots();
  const queue = new Queue();
  const drains: Drain[] = [];
  const shortfalls: { debit: EntryKey; amount: bigint }[] = [];
  for (const entry of [...history].sort(byHistory)) {
    if (entry.amount > 0n) {
      give(lots, queue, entry);
      continue;
    }
    const { ref, index } = entry;
    const debit = { ref, index };
    const short = take(queue, entry, policies, (slice) => drains.push({ debit, ...slice }));
    if (short > 0n) shortfalls.push({ debit, amount: short });
  }
  return { lots: lots.all, drains, shortfalls };
}

/** By key only once something goes back: most histories have no refund, and keys take longer to make than all the rest. */
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

function give(lots: Lots, queue: Queue, entry: HistoryEntry): void {
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

/** Takes from the first lots and tells each slice; gives what there was no lot for. */
function take(
  queue: Queue,
  { atUs, amount: debited }: HistoryEntry,
  policies: readonly DrainPolicy[],
  tell: (slice: Slice) => void,
): bigint {
  let wanted = -debited;
  for (const lot of queue.first(wanted, drainOrderAt(policies, atUs), atUs)) {
    const amount = lot.remaining < wanted ? lot.remaining : wanted;
    if (amount === 0n) continue;
    lot.remaining -= amount;
    wanted -= amount;
    const { ref, index, expiresUs } = lot;
    tell({ lot: { ref, index }, expiresUs, amount });
  }
  queue.dropEmpty();
  return wanted;
}

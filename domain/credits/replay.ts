import type { Slice } from './drain.js';
import { type EntryKey, keyText, type Lot } from './lot.js';
import { byEmission, byHistory } from './order.js';
import { drainOrderAt } from './drain-policy.js';
import { DrainQueue, type LiveLot } from './drain-queue.js';
import { isMergingAt, isReturnedTo, type LedgerRules } from './rules.js';
import type { Us } from './time.js';

/**
 * The version of the replay rules. Increase it whenever replay gives other lots: each ledger must then be verified again.
 * 2: grants that never expire merge.
 */
export const PROJECTION_RULES = 2;

/** A row of an address's history, as far as the replay needs it. */
export interface HistoryEntry extends EntryKey {
  readonly atUs: Us;
  /** Positive: granted; negative: debited. */
  readonly amount: bigint;
  readonly expiresUs: Us | null;
  /** The lot whose drain a refund reverses: where it goes, says {@link isReturnedTo}; else it is granted like anything else. */
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

/** Replays one address's history under the rules of its time. The rows may come in any order. */
export function replay(history: readonly HistoryEntry[], rules: LedgerRules): Projection {
  const lots = new Lots(rules);
  const drains: Drain[] = [];
  const shortfalls: { debit: EntryKey; amount: bigint }[] = [];
  for (const entry of [...history].sort(byHistory)) {
    if (isMergingAt(rules, entry.atUs)) lots.merge();
    if (entry.amount > 0n) {
      lots.grant(entry);
      continue;
    }
    const { ref, index } = entry;
    const debit = { ref, index };
    const short = debitLots(lots.queue, entry, rules, (slice) => drains.push({ debit, ...slice }));
    if (short > 0n) shortfalls.push({ debit, amount: short });
  }
  if (rules.mergesFromUs !== null) lots.merge();
  return { lots: lots.all, drains, shortfalls };
}

class Lots {
  readonly queue = new DrainQueue();
  #all: LiveLot[] = [];
  /** Only once there is a refund: most histories have none, and building the keys costs more than the replay. */
  #byKey: Map<string, LiveLot> | undefined;
  /** Where grants that never expire go while it is not empty. */
  #merged: LiveLot | undefined;
  #isMerging = false;

  constructor(private readonly rules: LedgerRules) {}

  get all(): readonly LiveLot[] {
    return this.#all;
  }

  grant(entry: HistoryEntry): void {
    const { ref, index, atUs, expiresUs, amount, refundOf } = entry;
    const source = refundOf === null ? undefined : this.#find(refundOf);
    if (source !== undefined && isReturnedTo(source, atUs, this.rules)) {
      source.remaining += amount;
      // In a ledger that merges, the amount of a lot that never expires contains what was refunded to it.
      if (source.expiresUs === null && this.rules.mergesFromUs !== null) source.amount += amount;
      this.queue.add(source);
      return;
    }
    const isMerged = this.#isMerging && expiresUs === null;
    if (isMerged && this.#merged !== undefined && this.#merged.remaining > 0n) {
      this.#merged.amount += amount;
      this.#merged.remaining += amount;
      return;
    }
    const lot = { ref, index, grantedUs: atUs, expiresUs, amount, remaining: amount };
    if (isMerged) this.#merged = lot;
    this.#add(lot);
  }

  /** Merges the live lots that never expire into the first of them. Without effect when done before. */
  merge(): void {
    if (this.#isMerging) return;
    this.#isMerging = true;
    const mergeable = this.#all.filter((lot) => lot.expiresUs === null && lot.remaining > 0n);
    const [first, ...others] = mergeable.sort(byEmission);
    if (first === undefined) return;
    this.#merged = first;
    for (const lot of others) {
      first.amount += lot.remaining;
      first.remaining += lot.remaining;
      // What was drained from it before stays its own.
      lot.amount -= lot.remaining;
      lot.remaining = 0n;
    }
    this.#all = this.#all.filter(({ amount }) => amount > 0n);
  }

  #add(lot: LiveLot): void {
    this.#all.push(lot);
    this.#byKey?.set(keyText(lot), lot);
    this.queue.add(lot);
  }

  #find(key: EntryKey): LiveLot | undefined {
    this.#byKey ??= new Map(this.#all.map((lot) => [keyText(lot), lot]));
    return this.#byKey.get(keyText(key));
  }
}

/** Drains the first lots, reports each slice, and returns the amount that no lot was left for. */
function debitLots(
  queue: DrainQueue,
  { atUs, amount: debited }: HistoryEntry,
  { policies }: LedgerRules,
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

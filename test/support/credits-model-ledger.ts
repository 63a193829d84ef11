import { keyOf, type ModelRow, type ModelRules, replayNaively } from './credits-model.js';

export interface ModelEntry {
  readonly address: string;
  readonly amount: bigint;
  readonly expires: bigint | null;
}

export type ModelOperation = { readonly ref: string; readonly at: bigint } & (
  | { readonly kind: 'grant'; readonly entries: readonly ModelEntry[] }
  | { readonly kind: 'expense'; readonly covered: boolean; readonly entries: readonly ModelEntry[] }
  | { readonly kind: 'transfer'; readonly sender: string; readonly entries: readonly ModelEntry[] }
);

/** A model of a ledger: the list of accepted rows. */
export class ModelLedger {
  rows: readonly ModelRow[] = [];

  constructor(readonly rules: ModelRules) {}

  /** Returns `done`, `replayed` when the reference is known, or the code of the refusal. */
  apply(operation: ModelOperation): string {
    const refused = refusalOf(operation);
    if (refused !== undefined) return refused;
    if (this.rows.some(({ ref }) => ref === operation.ref)) return 'replayed';
    const rows = this.#rowsOf(operation);
    if (rows === undefined) return 'credits.insufficient_balance';
    const after = [...this.rows, ...rows];
    for (const address of new Set(rows.map((row) => row.address))) {
      if (this.#uncovers(after, address)) return 'credits.would_uncover';
    }
    this.rows = after;
    return 'done';
  }

  #uncovers(after: readonly ModelRow[], address: string): boolean {
    const before = replayNaively(this.rows, address, this.rules).shorts;
    const shorts = replayNaively(after, address, this.rules).shorts;
    return this.rows.some((row) => {
      const short = shorts.get(keyOf(row)) ?? 0n;
      return row.covered && short > (before.get(keyOf(row)) ?? 0n);
    });
  }

  #rowsOf(operation: ModelOperation): ModelRow[] | undefined {
    const { ref, at } = operation;
    switch (operation.kind) {
      case 'grant':
        return operation.entries.map((entry, index) => ({
          ref,
          at,
          index,
          covered: false,
          ...entry,
        }));
      case 'expense': {
        const { covered } = operation;
        const rows = operation.entries.map(({ address, amount }, index) => ({
          ...{ ref, at, index, covered, address, amount: -amount, expires: null },
        }));
        return covered && this.#lacks(rows) ? undefined : rows;
      }
      case 'transfer':
        return this.#transferRows(operation);
    }
  }

  #lacks(rows: readonly ModelRow[]): boolean {
    return rows.some((row) =>
      replayNaively([...this.rows, ...rows], row.address, this.rules).shorts.has(keyOf(row)),
    );
  }

  #transferRows(operation: ModelOperation & { kind: 'transfer' }): ModelRow[] | undefined {
    const { ref, at, sender, entries } = operation;
    const debits = entries.map(({ amount }, index) => ({
      ...{ ref, at, index, covered: true, address: sender, amount: -amount, expires: null },
    }));
    if (this.#lacks(debits)) return undefined;
    const { drains } = replayNaively([...this.rows, ...debits], sender, this.rules);
    const rows: ModelRow[] = [];
    for (const [i, entry] of entries.entries()) {
      const slices = drains.filter(({ debit }) => debit === keyOf({ ref, index: i }));
      for (const lot of mergeNeighbours(slices, entry.expires)) {
        const { address } = entry;
        rows.push({ ref, at, index: rows.length, covered: false, address, ...lot });
      }
      rows.push({
        ...{ ref, at, index: rows.length, covered: true, address: sender },
        ...{ amount: -entry.amount, expires: null },
      });
    }
    return rows;
  }
}

function mergeNeighbours(
  slices: readonly { readonly expires: bigint | null; readonly amount: bigint }[],
  requested: bigint | null,
): { amount: bigint; expires: bigint | null }[] {
  const merged: { amount: bigint; expires: bigint | null }[] = [];
  for (const slice of slices) {
    const both = [slice.expires, requested].filter((expiry) => expiry !== null);
    const expires = both.length === 0 ? null : both.reduce((a, b) => (a < b ? a : b));
    const last = merged.at(-1);
    if (last?.expires === expires) last.amount += slice.amount;
    else merged.push({ amount: slice.amount, expires });
  }
  return merged;
}

function refusalOf(operation: ModelOperation): string | undefined {
  const { at, entries } = operation;
  if (
    operation.kind !== 'expense' &&
    entries.some(({ expires }) => expires !== null && expires <= at)
  ) {
    return 'credits.expiry_past';
  }
  if (operation.kind !== 'transfer') return undefined;
  const names = entries.map(({ address }) => address);
  if (names.includes(operation.sender)) return 'credits.self_transfer';
  return new Set(names).size < names.length ? 'credits.duplicate_recipients' : undefined;
}

/**
 * A simple model of the credit ledger, which goes through the whole history for every question. The rows that the ledger stores
 * must always equal it.
 */
export interface ModelRow {
  readonly ref: string;
  readonly index: number;
  readonly address: string;
  readonly amount: bigint;
  readonly at: bigint;
  readonly expires: bigint | null;
  /** A debit that must be covered in full. */
  readonly covered: boolean;
}

export interface ModelLot {
  readonly ref: string;
  readonly index: number;
  readonly at: bigint;
  readonly expires: bigint | null;
  left: bigint;
}

export interface ModelDrain {
  readonly debit: string;
  readonly lot: string;
  readonly expires: bigint | null;
  readonly amount: bigint;
}

export interface ModelState {
  readonly lots: ModelLot[];
  readonly drains: ModelDrain[];
  readonly shorts: Map<string, bigint>;
}

/** `merges`: grants that never expire merge into one lot, while that is not empty. */
export interface ModelRules {
  readonly orderAt: ModelOrder;
  readonly merges: boolean;
}

export type ModelOrder = (at: bigint) => 'emission' | 'expiration';

const NEVER = 10n ** 18n;

function compare(
  ...pairs: readonly [bigint | number | string, bigint | number | string][]
): number {
  for (const [a, b] of pairs) if (a !== b) return a < b ? -1 : 1;
  return 0;
}

/** UTF-8 in hex: sorts like PostgreSQL's collation "C". */
function byBytes(text: string): string {
  return Buffer.from(text).toString('hex');
}

export function replayNaively(
  rows: readonly ModelRow[],
  address: string,
  { orderAt, merges }: ModelRules,
): ModelState {
  const state: ModelState = { lots: [], drains: [], shorts: new Map() };
  const own = rows.filter((row) => row.address === address);
  own.sort((a, b) =>
    compare(
      [a.at, b.at],
      [a.amount > 0n ? 0 : 1, b.amount > 0n ? 0 : 1],
      [byBytes(a.ref), byBytes(b.ref)],
      [a.index, b.index],
    ),
  );
  for (const row of own) {
    if (row.amount > 0n) {
      const { ref, index, at, expires } = row;
      const open = state.lots.find((lot) => lot.expires === null && lot.left > 0n);
      if (merges && expires === null && open !== undefined) open.left += row.amount;
      else state.lots.push({ ref, index, at, expires, left: row.amount });
    } else drain(state, row, orderAt(row.at));
  }
  return state;
}

function drain(state: ModelState, row: ModelRow, order: 'emission' | 'expiration'): void {
  let short = -row.amount;
  const usable = state.lots.filter(({ expires }) => expires === null || expires > row.at);
  usable.sort((a, b) =>
    compare(
      [
        order === 'emission' ? 0n : (a.expires ?? NEVER),
        order === 'emission' ? 0n : (b.expires ?? NEVER),
      ],
      [a.at, b.at],
      [byBytes(a.ref), byBytes(b.ref)],
      [a.index, b.index],
    ),
  );
  for (const lot of usable) {
    const amount = lot.left < short ? lot.left : short;
    if (amount === 0n) continue;
    lot.left -= amount;
    short -= amount;
    state.drains.push({ debit: keyOf(row), lot: keyOf(lot), expires: lot.expires, amount });
  }
  if (short > 0n) state.shorts.set(keyOf(row), short);
}

export function keyOf({ ref, index }: { ref: string; index: number }): string {
  return `${ref}#${index}`;
}

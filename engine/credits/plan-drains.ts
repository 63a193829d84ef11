import type { ClientBase } from 'pg';
import { type Drained, drainLots, type Slice } from '../../domain/credits/drain.js';
import { groupBy } from '../../domain/group-by.js';
import { keyText, type Lot } from '../../domain/credits/lot.js';
import { drainOrderAt } from '../../domain/credits/drain-policy.js';
import { replay } from '../../domain/credits/replay.js';
import type { LedgerRules } from '../../domain/credits/rules.js';
import { isoOfUs } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import type { LockedAccounts } from './accounts.js';
import { isLateDebit } from './late-entries.js';
import { readNeededLots } from './read-lots.js';
import { debitsOf, type Operation, recipientsOf, type RequestedDebit } from './operation.js';
import { readHistoryOf } from './projection/read.js';

/** Which lots the debits of an operation drain. */
export interface DrainPlan {
  /** The slices of each debit, by the text of its key. */
  readonly slices: ReadonlyMap<string, readonly Slice[]>;
  /** Addresses whose lots have to be computed by a replay of their history. */
  readonly late: Set<string>;
}

/** Finds the lots for every debit. Throws Refusal `credits.insufficient_balance`. */
export async function planDrains(
  tx: ClientBase,
  operation: Operation,
  { accounts, rules }: LockedAccounts,
): Promise<DrainPlan> {
  const { ledger, atUs } = operation;
  const planned = new Map<string, readonly Slice[]>();
  const late = new Set<string>();
  const byAddress = groupBy(debitsOf(operation), ({ address }) => address);
  if (byAddress.size === 0) return { slices: planned, late };
  const needs = new Map<string, bigint>();
  for (const [address, debits] of byAddress) {
    if (isLateDebit(accounts.get(address), operation, debits, rules)) late.add(address);
    else needs.set(address, totalOf(debits));
  }
  const order = drainOrderAt(rules.policies, atUs);
  const lots = await readNeededLots(tx, ledger, needs, atUs, order);
  const recipients = recipientsOf(operation);
  for (const [address, debits] of byAddress) {
    const ready = lots.get(address) ?? [];
    const drained = late.has(address)
      ? await drainInThePast(tx, operation, address, debits, rules)
      : drainLots(
          ready,
          debits.map(({ entry }) => entry.amount),
        );
    for (const [i, debit] of debits.entries()) {
      const { slices = [], short = 0n } = drained[i] ?? {};
      refuseShort(operation, debit, short);
      planned.set(keyText(debit.key), slices);
    }
    const received = recipients.get(address);
    if (received === undefined) continue;
    // At one instant grants come before debits. This makes no difference only if what is granted is the last to be drained.
    const isLast = order === 'emission' && ready.every(({ grantedUs }) => grantedUs < atUs);
    const isShort = drained.some(({ short }) => short > 0n);
    const isMergedLeft = rules.mergesFromUs === null || leavesMergedLot(ready, totalOf(debits));
    if (received.refunded || isShort || !isLast || !isMergedLeft) late.add(address);
  }
  return { slices: planned, late };
}

/** Whether debits leave something in the lot that a grant would merge into, or do not reach it. */
function leavesMergedLot(ready: readonly Lot[], total: bigint): boolean {
  let sum = 0n;
  for (const { remaining, expiresUs } of ready) {
    sum += remaining;
    if (expiresUs === null) return total < sum;
  }
  return true;
}

function totalOf(debits: readonly RequestedDebit[]): bigint {
  return debits.reduce((sum, { entry }) => sum + entry.amount, 0n);
}

/** What debits would have drained when they are dated before others that were drained already. */
async function drainInThePast(
  tx: ClientBase,
  { ledger, atUs }: Operation,
  address: string,
  debits: readonly RequestedDebit[],
  rules: LedgerRules,
): Promise<readonly Drained[]> {
  const history = await readHistoryOf(tx, ledger, address);
  const late = debits.map(({ key, entry }) => ({
    ...key,
    atUs,
    amount: -entry.amount,
    expiresUs: null,
    refundOf: null,
  }));
  const { drains } = replay([...history, ...late], rules);
  const own = groupBy(drains, ({ debit }) => keyText(debit));
  return debits.map(({ key, entry }) => {
    const slices = own.get(keyText(key)) ?? [];
    return { slices, short: slices.reduce((left, { amount }) => left - amount, entry.amount) };
  });
}

function refuseShort(
  { ledger, atUs }: Operation,
  { entry, address }: RequestedDebit,
  short: bigint,
): void {
  if (short === 0n || (entry.kind === 'debit' && !entry.covered)) return;
  throw new Refusal(
    'credits.insufficient_balance',
    `${address} lacks ${short} of ${entry.amount} in ledger ${ledger} at ${isoOfUs(atUs)}`,
  );
}

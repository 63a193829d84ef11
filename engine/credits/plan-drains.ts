import type { ClientBase } from 'pg';
import { type Drained, drainLots, type Slice } from '../../domain/credits/drain.js';
import { groupBy } from '../../domain/group-by.js';
import { keyText } from '../../domain/credits/lot.js';
import { byHistory } from '../../domain/credits/order.js';
import { type DrainPolicy, drainOrderAt } from '../../domain/credits/drain-policy.js';
import { replay } from '../../domain/credits/replay.js';
import { isoOfUs } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import type { CreditAccount, LockedAccounts } from './accounts.js';
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
  { accounts, policies }: LockedAccounts,
): Promise<DrainPlan> {
  const { ledger, atUs } = operation;
  const planned = new Map<string, readonly Slice[]>();
  const late = new Set<string>();
  const byAddress = groupBy(debitsOf(operation), ({ address }) => address);
  if (byAddress.size === 0) return { slices: planned, late };
  const needs = new Map<string, bigint>();
  for (const [address, debits] of byAddress) {
    if (isLateDebit(accounts.get(address), operation, debits)) late.add(address);
    else needs.set(address, totalOf(debits));
  }
  const order = drainOrderAt(policies, atUs);
  const lots = await readNeededLots(tx, ledger, needs, atUs, order);
  const recipients = recipientsOf(operation);
  for (const [address, debits] of byAddress) {
    const ready = lots.get(address) ?? [];
    const drained = late.has(address)
      ? await drainInThePast(tx, operation, address, debits, policies)
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
    // At one instant grants come before debits. This makes no difference only if the granted lot is the last to be drained.
    const isLast = order === 'emission' && ready.every(({ grantedUs }) => grantedUs < atUs);
    const isShort = drained.some(({ short }) => short > 0n);
    if (received.refunded || isShort || !isLast) late.add(address);
  }
  return { slices: planned, late };
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
  policies: readonly DrainPolicy[],
): Promise<readonly Drained[]> {
  const history = await readHistoryOf(tx, ledger, address);
  const late = debits.map(({ key, entry }) => ({
    ...key,
    atUs,
    amount: -entry.amount,
    expiresUs: null,
    refundOf: null,
  }));
  const { drains } = replay([...history, ...late], policies);
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

/** Whether a debit is dated before something that was processed already. The debits come in order: the first is the earliest. */
function isLateDebit(
  account: CreditAccount | undefined,
  { atUs }: Operation,
  [first]: readonly RequestedDebit[],
): boolean {
  if (account === undefined || first === undefined) return false;
  const { debit, expiredUs, returnedUs } = account;
  if (expiredUs !== null && atUs < expiredUs) return true;
  // The lots do not say which part of them was refunded later.
  if (returnedUs !== null && atUs < returnedUs) return true;
  const amount = -first.entry.amount;
  return debit !== null && byHistory({ ...first.key, atUs, amount }, { ...debit, amount }) < 0;
}

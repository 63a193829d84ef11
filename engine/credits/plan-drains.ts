import type { ClientBase } from 'pg';
import { type Drained, drainLots, type Slice } from '../../domain/credits/drain.js';
import { groupBy } from '../../domain/credits/group-by.js';
import { keyText } from '../../domain/credits/lot.js';
import { byHistory } from '../../domain/credits/order.js';
import { type DrainPolicy, drainOrderAt } from '../../domain/credits/policy.js';
import { replay } from '../../domain/credits/replay.js';
import { isoOfUs } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import type { CreditAccount, LockedAccounts } from './accounts.js';
import { readNeededLots } from './lot-rows.js';
import { addressesGiven, type Demand, demandsOf, type Operation } from './operation.js';
import { readHistoryOf } from './read-projection.js';

export interface PlannedTakings {
  /** What each demand takes, by the text of its key. */
  readonly takings: ReadonlyMap<string, readonly Slice[]>;
  /** Addresses whose lots follow only from a replay of their history. */
  readonly late: Set<string>;
}

/** Finds lots for every demand. Throws Refusal `credits.insufficient_balance`. */
export async function planTakings(
  tx: ClientBase,
  operation: Operation,
  { accounts, policies }: LockedAccounts,
): Promise<PlannedTakings> {
  const { ledger, atUs } = operation;
  const takings = new Map<string, readonly Slice[]>();
  const late = new Set<string>();
  const byAddress = groupBy(demandsOf(operation), ({ address }) => address);
  if (byAddress.size === 0) return { takings, late };
  const needs = new Map<string, bigint>();
  for (const [address, demands] of byAddress) {
    if (isLateDebit(accounts.get(address), operation, demands)) late.add(address);
    else needs.set(address, totalOf(demands));
  }
  const order = drainOrderAt(policies, atUs);
  const lots = await readNeededLots(tx, ledger, needs, atUs, order);
  const given = addressesGiven(operation);
  for (const [address, demands] of byAddress) {
    const ready = lots.get(address) ?? [];
    const drained = late.has(address)
      ? await drainInThePast(tx, operation, address, demands, policies)
      : drainLots(
          ready,
          demands.map(({ part }) => part.amount),
        );
    for (const [i, demand] of demands.entries()) {
      const { slices = [], short = 0n } = drained[i] ?? {};
      refuseShort(operation, demand, short);
      takings.set(keyText(demand.key), slices);
    }
    const grant = given.get(address);
    if (grant === undefined) continue;
    // What is given counts before what is taken at the same instant; only as the last of the lots it makes no difference.
    const isLast = order === 'emission' && ready.every(({ grantedUs }) => grantedUs < atUs);
    const isShort = drained.some(({ short }) => short > 0n);
    if (grant.goesBack || isShort || !isLast) late.add(address);
  }
  return { takings, late };
}

function totalOf(demands: readonly Demand[]): bigint {
  return demands.reduce((sum, { part }) => sum + part.amount, 0n);
}

/** What debits would have taken at a time before others that were drained already. */
async function drainInThePast(
  tx: ClientBase,
  { ledger, atUs }: Operation,
  address: string,
  demands: readonly Demand[],
  policies: readonly DrainPolicy[],
): Promise<readonly Drained[]> {
  const history = await readHistoryOf(tx, ledger, address);
  const entries = demands.map(({ key, part }) => ({
    ...key,
    atUs,
    amount: -part.amount,
    expiresUs: null,
    refundOf: null,
  }));
  const { drains } = replay([...history, ...entries], policies);
  const own = groupBy(drains, ({ debit }) => keyText(debit));
  return demands.map(({ key, part }) => {
    const slices = own.get(keyText(key)) ?? [];
    return { slices, short: slices.reduce((left, { amount }) => left - amount, part.amount) };
  });
}

function refuseShort({ ledger, atUs }: Operation, { part, address }: Demand, short: bigint): void {
  if (short === 0n || (part.kind === 'take' && !part.covered)) return;
  throw new Refusal(
    'credits.insufficient_balance',
    `${address} lacks ${short} of ${part.amount} in ledger ${ledger} at ${isoOfUs(atUs)}`,
  );
}

/** The demands of an address come in their order: the first is the earliest. */
function isLateDebit(
  account: CreditAccount | undefined,
  { atUs }: Operation,
  [first]: readonly Demand[],
): boolean {
  if (account === undefined || first === undefined) return false;
  const { debit, expiredUs, returnedUs } = account;
  if (expiredUs !== null && atUs < expiredUs) return true;
  // Lots do not tell what of them was not there yet.
  if (returnedUs !== null && atUs < returnedUs) return true;
  const amount = -first.part.amount;
  return debit !== null && byHistory({ ...first.key, atUs, amount }, { ...debit, amount }) < 0;
}

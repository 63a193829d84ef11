import type { ClientBase } from 'pg';
import type { EntryKey, LedgerName } from '../../../domain/credits/lot.js';
import type { Us } from '../../../domain/credits/time.js';
import { numberArray, textArray, timeArray } from './array-literals.js';
import type { Change, Difference } from './compare.js';
import type { StoredDrain, StoredLot, StoredShortfall } from './read.js';

type OfAddress<T> = T & { readonly address: string };

/** Removes and adds the differing rows of addresses whose accounts are locked. */
export async function writeDifferences(
  tx: ClientBase,
  ledger: LedgerName,
  differing: readonly { readonly address: string; readonly difference: Difference }[],
): Promise<void> {
  const all = <T>(changeOf: (difference: Difference) => Change<T>): Change<OfAddress<T>> => ({
    remove: differing.flatMap(({ address, difference }) =>
      changeOf(difference).remove.map((row) => ({ ...row, address })),
    ),
    add: differing.flatMap(({ address, difference }) =>
      changeOf(difference).add.map((row) => ({ ...row, address })),
    ),
  });
  const where = { tx, ledger };
  await changeDrains(
    where,
    all(({ drains }) => drains),
  );
  await changeLots(
    where,
    all(({ lots }) => lots),
  );
  await changeShortfalls(
    where,
    all(({ shortfalls }) => shortfalls),
  );
}

interface Where {
  readonly tx: ClientBase;
  readonly ledger: LedgerName;
}

const TABLES = {
  live: { name: 'credit_lots', left: 'remaining' },
  past: { name: 'credit_past_lots', left: 'expired' },
} as const;

async function changeLots(where: Where, change: Change<OfAddress<StoredLot>>): Promise<void> {
  for (const place of ['live', 'past'] as const) {
    const removed = change.remove.filter((lot) => lot.place === place);
    await remove(where, TABLES[place].name, ['credit_ref', 'credit_index'], removed);
  }
  for (const place of ['live', 'past'] as const) {
    const added = change.add.filter((lot) => lot.place === place);
    await addLots(where, place, added);
  }
}

async function addLots(
  { tx, ledger }: Where,
  place: StoredLot['place'],
  lots: readonly OfAddress<StoredLot>[],
): Promise<void> {
  if (lots.length === 0) return;
  const { name, left } = TABLES[place];
  await tx.query(
    `insert into ${name} (ledger, address, credit_ref, credit_index, amount, ${left}, granted_at, expires_at)
     select $1, * from unnest($2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::timestamptz[],
       $8::timestamptz[])`,
    [
      ledger,
      textArray(lots.map(({ address }) => address)),
      textArray(lots.map(({ ref }) => ref)),
      numberArray(lots.map(({ index }) => index)),
      numberArray(lots.map(({ amount }) => amount)),
      numberArray(lots.map((lot) => lot.left)),
      timeArray(lots.map(({ grantedUs }) => grantedUs)),
      timeArray(lots.map(({ expiresUs }) => expiresUs)),
    ],
  );
}

async function changeDrains(
  { tx, ledger }: Where,
  change: Change<OfAddress<StoredDrain>>,
): Promise<void> {
  if (change.remove.length > 0) {
    await tx.query(
      `delete from credit_drains d
       using unnest($2::text[], $3::integer[], $4::text[], $5::integer[]) as removed(debit_ref, debit_index, lot_ref, lot_index)
       where d.ledger = $1 and d.debit_ref = removed.debit_ref and d.debit_index = removed.debit_index
         and d.lot_ref = removed.lot_ref and d.lot_index = removed.lot_index`,
      [ledger, ...drainKeys(change.remove)],
    );
  }
  if (change.add.length === 0) return;
  await tx.query(
    `insert into credit_drains (ledger, debit_ref, debit_index, lot_ref, lot_index, address, amount)
     select $1, * from unnest($2::text[], $3::integer[], $4::text[], $5::integer[], $6::text[], $7::bigint[])`,
    [
      ledger,
      ...drainKeys(change.add),
      textArray(change.add.map(({ address }) => address)),
      numberArray(change.add.map(({ amount }) => amount)),
    ],
  );
}

function drainKeys(drains: readonly StoredDrain[]): string[] {
  return [
    textArray(drains.map(({ debit }) => debit.ref)),
    numberArray(drains.map(({ debit }) => debit.index)),
    textArray(drains.map(({ lot }) => lot.ref)),
    numberArray(drains.map(({ lot }) => lot.index)),
  ];
}

async function changeShortfalls(
  where: Where,
  { remove: removed, add }: Change<OfAddress<StoredShortfall>>,
): Promise<void> {
  const keys = removed.map(({ address, debit }) => ({ address, ...debit }));
  await remove(where, 'credit_shortfalls', ['debit_ref', 'debit_index'], keys);
  if (add.length === 0) return;
  await where.tx.query(
    `insert into credit_shortfalls (ledger, address, debit_ref, debit_index, amount)
     select $1, * from unnest($2::text[], $3::text[], $4::integer[], $5::bigint[])`,
    [
      where.ledger,
      textArray(add.map(({ address }) => address)),
      textArray(add.map(({ debit }) => debit.ref)),
      numberArray(add.map(({ debit }) => debit.index)),
      numberArray(add.map(({ amount }) => amount)),
    ],
  );
}

async function remove(
  { tx, ledger }: Where,
  table: string,
  [ref, index]: readonly [string, string],
  keys: readonly OfAddress<EntryKey>[],
): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `delete from ${table} t using unnest($2::text[], $3::text[], $4::integer[]) as removed(address, ref, index)
     where t.ledger = $1 and t.address = removed.address and t.${ref} = removed.ref and t.${index} = removed.index`,
    [
      ledger,
      textArray(keys.map((key) => key.address)),
      textArray(keys.map((key) => key.ref)),
      numberArray(keys.map((key) => key.index)),
    ],
  );
}

/** An account's total of grants and its newest debit, refund and merged grant, according to its history. */
export interface AccountState {
  readonly address: string;
  readonly granted: bigint;
  readonly debit: (EntryKey & { readonly atUs: Us }) | null;
  readonly returnedUs: Us | null;
  readonly mergedUs: Us | null;
}

export async function writeAccounts(
  tx: ClientBase,
  ledger: LedgerName,
  accounts: readonly AccountState[],
): Promise<void> {
  await tx.query(
    `update credit_accounts a set granted = s.granted, debit_at = from_us(s.at), debit_ref = s.ref, debit_index = s.index,
       returned_at = from_us(s.returned), merged_at = from_us(s.merged)
     from unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::integer[], $7::bigint[], $8::bigint[])
       as s(address, granted, at, ref, index, returned, merged)
     where a.ledger = $1 and a.address = s.address
       and (a.granted, a.debit_at, a.debit_ref, a.debit_index, a.returned_at, a.merged_at)
         is distinct from (s.granted, from_us(s.at), s.ref, s.index, from_us(s.returned), from_us(s.merged))`,
    [
      ledger,
      accounts.map(({ address }) => address),
      accounts.map(({ granted }) => granted),
      accounts.map(({ debit }) => debit?.atUs ?? null),
      accounts.map(({ debit }) => debit?.ref ?? null),
      accounts.map(({ debit }) => debit?.index ?? null),
      accounts.map(({ returnedUs }) => returnedUs),
      accounts.map(({ mergedUs }) => mergedUs),
    ],
  );
}

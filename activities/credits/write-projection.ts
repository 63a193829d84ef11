import type { ClientBase } from 'pg';
import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';
import { isoOfUs } from '../../domain/credits/time.js';
import type { Change, Difference } from './compare-projection.js';
import { insertShortfalls } from './drain-rows.js';
import type { StoredDrain, StoredLot } from './read-projection.js';

/** Makes an address's stored rows what they should be. Its account is locked. */
export async function writeDifference(
  tx: ClientBase,
  ledger: LedgerName,
  address: string,
  { lots, drains, shortfalls }: Difference,
): Promise<void> {
  const where: Where = { tx, ledger, address };
  await changeDrains(where, drains);
  await changeLots(where, lots);
  const gone = shortfalls.remove.map(({ debit }) => debit);
  await remove(where, 'credit_shortfalls', 'debit_ref', 'debit_index', gone);
  await insertShortfalls(
    tx,
    ledger,
    shortfalls.add.map((row) => ({ address, ...row })),
  );
}

interface Where {
  readonly tx: ClientBase;
  readonly ledger: LedgerName;
  readonly address: string;
}

async function changeLots(where: Where, change: Change<StoredLot>): Promise<void> {
  for (const place of ['live', 'past'] as const) {
    const gone = change.remove.filter((lot) => lot.place === place);
    await remove(where, TABLES[place].name, 'credit_ref', 'credit_index', gone);
  }
  for (const place of ['live', 'past'] as const) {
    await addLots(
      where,
      place,
      change.add.filter((lot) => lot.place === place),
    );
  }
}

const TABLES = {
  live: { name: 'credit_lots', left: 'remaining' },
  past: { name: 'credit_past_lots', left: 'expired' },
} as const;

async function addLots(
  { tx, ledger, address }: Where,
  place: StoredLot['place'],
  lots: readonly StoredLot[],
): Promise<void> {
  if (lots.length === 0) return;
  const { name, left } = TABLES[place];
  await tx.query(
    `insert into ${name} (ledger, address, credit_ref, credit_index, amount, ${left}, granted_at, expires_at)
     select $1, $2, * from unnest($3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::timestamptz[])`,
    [
      ledger,
      address,
      lots.map(({ ref }) => ref),
      lots.map(({ index }) => index),
      lots.map(({ amount }) => amount),
      lots.map((lot) => lot.left),
      lots.map(({ grantedUs }) => isoOfUs(grantedUs)),
      lots.map(({ expiresUs }) => (expiresUs === null ? null : isoOfUs(expiresUs))),
    ],
  );
}

async function changeDrains(where: Where, change: Change<StoredDrain>): Promise<void> {
  const { tx, ledger, address } = where;
  if (change.remove.length > 0) {
    await tx.query(
      `delete from credit_drains d
       using unnest($3::text[], $4::integer[], $5::text[], $6::integer[]) as gone(debit_ref, debit_index, lot_ref, lot_index)
       where d.ledger = $1 and d.address = $2 and d.debit_ref = gone.debit_ref and d.debit_index = gone.debit_index
         and d.lot_ref = gone.lot_ref and d.lot_index = gone.lot_index`,
      [ledger, address, ...drainKeys(change.remove)],
    );
  }
  if (change.add.length === 0) return;
  await tx.query(
    `insert into credit_drains (ledger, address, debit_ref, debit_index, lot_ref, lot_index, amount)
     select $1, $2, * from unnest($3::text[], $4::integer[], $5::text[], $6::integer[], $7::bigint[])`,
    [ledger, address, ...drainKeys(change.add), change.add.map(({ amount }) => amount)],
  );
}

function drainKeys(drains: readonly StoredDrain[]): unknown[] {
  return [
    drains.map(({ debit }) => debit.ref),
    drains.map(({ debit }) => debit.index),
    drains.map(({ lot }) => lot.ref),
    drains.map(({ lot }) => lot.index),
  ];
}

async function remove(
  { tx, ledger, address }: Where,
  table: string,
  refColumn: string,
  indexColumn: string,
  keys: readonly EntryKey[],
): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `delete from ${table} t using unnest($3::text[], $4::integer[]) as gone(ref, index)
     where t.ledger = $1 and t.address = $2 and t.${refColumn} = gone.ref and t.${indexColumn} = gone.index`,
    [ledger, address, keys.map(({ ref }) => ref), keys.map(({ index }) => index)],
  );
}

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { type Msat, toMsat, ZERO_MSAT } from '../../domain/money.js';
import { readSats } from '../accounts/accounts.js';
import { lockCredits } from '../credits/accounts.js';
import { type CollectOpen, creditOwed } from '../credits/collect-claims.js';

/** The id of the account that collects what an order owes, where nobody has named an account. */
export function purseOf(orderId: string): string {
  const hex = createHash('sha256').update(`purse of order ${orderId}`).digest('hex');
  // A UUID of version 8.
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}

/** The account itself, empty at first. Its name cannot be guessed, so nobody has it. */
export async function openPurse(tx: ClientBase, orderId: string): Promise<void> {
  const id = purseOf(orderId);
  const name = `purse-${randomBytes(13).toString('hex')}`;
  await tx.query(
    `insert into accounts (id, name, role) values ($1, $2, 'user') on conflict (id) do nothing`,
    [id, name],
  );
  await tx.query(
    'insert into order_purses (order_id, account_id) values ($1, $2) on conflict do nothing',
    [orderId, id],
  );
}

/** What the purse holds becomes an account's, whose lock is taken with the purse's. Gives the sum. */
export async function emptyPurse(
  tx: ClientBase,
  { orderId, accountId, asset }: { readonly orderId: string } & Omit<CollectOpen, 'owner'>,
): Promise<Msat> {
  const purse = purseOf(orderId);
  const { rowCount } = await tx.query('select from order_purses where order_id = $1', [orderId]);
  if (rowCount === 0) return ZERO_MSAT;
  await lockCredits(tx, [accountId, purse]);
  const amountMsat = toMsat(await readSats(tx, purse));
  if (amountMsat === ZERO_MSAT) return ZERO_MSAT;
  await creditOwed(tx, {
    ...{ from: { accountId: purse }, accountId, asset, amountMsat, origin: orderId },
    key: `${keyOf(orderId, accountId)}${randomUUID()}`,
  });
  return amountMsat;
}

/** What an account has taken out of a purse, in all. */
export async function readEmptied(
  tx: ClientBase,
  orderId: string,
  accountId: string,
): Promise<Msat> {
  const { rows } = await tx.query<{ msat: Msat }>(
    `select coalesce(-sum(p.amount_msat), 0)::bigint as msat
     from entries e join postings p on p.entry_id = e.id join ledger_accounts a on a.id = p.ledger_account_id
     where e.key like $1 || '%' and a.owner = $2`,
    [keyOf(orderId, accountId), purseOf(orderId)],
  );
  return rows[0]?.msat ?? ZERO_MSAT;
}

function keyOf(orderId: string, accountId: string): string {
  return `purses/${orderId}/${accountId}/`;
}

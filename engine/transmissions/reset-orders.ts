import type { ClientBase, Pool } from 'pg';
import { raiseEpoch } from '../../db/installation.js';
import { inTransaction } from '../../db/transaction.js';

/**
 * Empties orders, messages and confirmations, restarts sequence numbers at 1 and raises the epoch, so that messages about what was there
 * are ignored. What the ledger says of orders is reversed by one entry: its rows are never deleted. Workflows are woken, find no order,
 * and end. For development and tests.
 */
export async function resetOrders(pool: Pool): Promise<{ readonly orders: number }> {
  return inTransaction(pool, async (tx) => {
    await tx.query('lock table orders in access exclusive mode');
    const { rows } = await tx.query<{ count: bigint; actions: boolean }>(
      'select count(*) as count, exists (select from actions) as actions from orders',
    );
    await endWork(tx);
    await reverseBooks(tx);
    if (rows[0]?.actions === true) await deleteBesideActions(tx);
    else await truncateAll(tx);
    await tx.query('update transmission_counter set last = 0');
    await raiseEpoch(tx);
    return { orders: Number(rows[0]?.count ?? 0) };
  });
}

/** What is on its way about orders is dropped; workflows that wait are woken. */
async function endWork(tx: ClientBase): Promise<void> {
  await tx.query(
    `delete from outbox where published_at is null and (
       subject like 'transmissions.%' or subject like 'order/%'
       or destination = 'node' and subject in (select hash from invoices where order_id is not null))`,
  );
  await tx.query(
    `insert into outbox (destination, kind, ordering_key, subject, payload)
     select 'temporal', 'wake', 'order/' || id, 'order/' || id, '{"reason": "reset"}' from orders
     where state in ('pending', 'paid', 'transmitting', 'confirming') or due_at is not null`,
  );
  await tx.query(`delete from idempotency_keys where thing_kind in ('transmission', 'draft')`);
}

/** Claims that were collected are an account's: they stay. */
async function reverseBooks(tx: ClientBase): Promise<void> {
  await tx.query(
    `with sums as (
       select p.ledger_account_id as account, -sum(p.amount_msat) as msat
       from entries e join postings p on p.entry_id = e.id join ledger_accounts a on a.id = p.ledger_account_id
       where e.key like 'order/%' or e.key like 'reset-orders/%' group by 1 having sum(p.amount_msat) <> 0),
     collected as (
       select coalesce(sum(amount_msat), 0) as msat from claims where order_id is not null and state = 'collected'),
     lines as (
       select s.account, s.msat + case a.system when 'claims' then c.msat when 'outside' then -c.msat else 0 end as msat
       from sums s join ledger_accounts a on a.id = s.account, collected c),
     entry as (
       insert into entries (key) select 'reset-orders/' || gen_random_uuid() where exists (select from lines) returning id)
     insert into postings (entry_id, ledger_account_id, amount_msat)
     select entry.id, account, msat from entry, lines where msat <> 0`,
  );
}

/** Nothing but orders has money here: the tables are emptied at once. */
async function truncateAll(tx: ClientBase): Promise<void> {
  await tx.query(
    `truncate orders, order_messages, order_drafts, confirmations, gateway_invoices, invoices, legs, claims cascade`,
  );
  await tx.query(`delete from payment_hashes where payable like 'order/%'`);
}

async function deleteBesideActions(tx: ClientBase): Promise<void> {
  // Rows of an order's money never change, but for this.
  await tx.query('alter table legs disable trigger legs_fixed');
  await tx.query('truncate order_messages, order_drafts, confirmations, gateway_invoices');
  await tx.query('delete from legs where order_id is not null');
  await tx.query('delete from claims where order_id is not null');
  await tx.query('delete from invoices where order_id is not null');
  await tx.query('delete from orders');
  await tx.query(`delete from payment_hashes where payable like 'order/%'`);
  await tx.query('alter table legs enable trigger legs_fixed');
}

import { expect } from 'vitest';
import { type Fixture, rowsOf } from './fixture.helper.js';

/** What must hold between any two transactions, whatever happened. */
export async function expectInvariants(fixture: Fixture): Promise<void> {
  const [found] = await rowsOf<Record<string, unknown>>(fixture, INVARIANTS);
  expect(found).toEqual({
    crowded_lines: 0,
    numbers_with_gaps: false,
    counter_is_last: true,
    idle_lines: 0,
    starts_without_event: 0,
    wrong_bids: 0,
    unbalanced: 0,
    revenue_is_of_orders_sent: true,
    reserved_is_of_orders_alive: true,
    claims_are_of_orders_unsent: true,
    live_without_message: 0,
    ended_twice: 0,
  });
}

const BALANCE = (system: string): string =>
  `(select coalesce(sum(amount_msat), 0) from postings p join ledger_accounts a on a.id = p.ledger_account_id
    where a.system = '${system}' and a.asset = 'SATS')`;

/** Paid for orders that were sent already. */
const LATE = `(select coalesce(sum(amount_msat), 0) from claims c join orders o on o.id = c.order_id
  where o.state in ('sent', 'received'))`;

const INVARIANTS = `
  select
    (select count(*)::int from (
       select from orders where state = 'transmitting' group by channel having count(*) > 1) t) as crowded_lines,
    (select coalesce(max(tx_seq_num), 0) <> count(tx_seq_num) from orders) as numbers_with_gaps,
    (select last = (select coalesce(max(tx_seq_num), 0) from orders) from transmission_counter) as counter_is_last,
    (select count(*)::int from channels c where not exists (
       select from orders where channel = c.number and state = 'transmitting')
       and exists (select from orders where channel = c.number and (state = 'paid' or retry_wanted))) as idle_lines,
    (select count(*)::int from orders o where started_at is not null and 1 + retry_count <> (
       select count(*) from outbox x where x.subject = 'transmissions.' || o.channel || '.started'
       and x.payload->>'uuid' = o.id::text)) as starts_without_event,
    (select count(*)::int from orders o where bid_msat <> (
       select coalesce(sum(received_msat), 0) from invoices i where i.order_id = o.id and i.state = 'settled')
     or unpaid_bid_msat <> (
       select coalesce(sum(amount_msat), 0) from invoices i where i.order_id = o.id and i.state in ('wanted', 'open'))
    ) as wrong_bids,
    (select count(*)::int from (
       select from postings group by entry_id having sum(amount_msat) <> 0) e) as unbalanced,
    ${BALANCE('revenue')} = (select coalesce(sum(bid_msat), 0) from orders
       where state in ('sent', 'received')) - ${LATE} as revenue_is_of_orders_sent,
    ${BALANCE('reserved')} = (select coalesce(sum(bid_msat), 0) from orders
       where state in ('pending', 'paid', 'transmitting', 'confirming')) as reserved_is_of_orders_alive,
    ${BALANCE('claims')} = (select coalesce(sum(bid_msat), 0) from orders
       where state in ('cancelled', 'expired')) + ${LATE} as claims_are_of_orders_unsent,
    (select count(*)::int from orders o where (state not in ('cancelled', 'expired'))
       <> exists (select from order_messages m where m.order_id = o.id)) as live_without_message,
    (select count(*)::int from orders o where (ended_at is not null)::int <> (
       select count(*) from outbox x where x.subject = 'transmissions.' || o.channel || '.ended'
       and x.payload->>'uuid' = o.id::text)) as ended_twice`;

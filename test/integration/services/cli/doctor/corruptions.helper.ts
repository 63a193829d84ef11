/**
 * Statements that corrupt sound data, by the name of the one check that must notice. They run without
 * triggers and foreign keys.
 */
export const CORRUPTIONS: Readonly<Record<string, readonly string[]>> = {
  'the audit is one chain of hashes, without a gap': [
    `update audit_log set because = 'another reason' where id = 1`,
  ],
  'the audit ends where its head says': ['delete from audit_log where id = 3'],
  'reversed grants were taken back': [
    `insert into grant_reversals (grant_id, reversed_by, because)
     values (gen_random_uuid(), gen_random_uuid(), 'never posted')`,
  ],
  'entries sum to zero per asset': [
    `with e as (insert into entries (key) values ('grant/one-sided') returning id)
     insert into postings (entry_id, ledger_account_id, amount_msat)
     select e.id, a.id, 5 from e, ledger_accounts a where a.system = 'pool'`,
  ],
  'no entry is written twice': [
    'alter table entries drop constraint entries_key_key',
    'insert into entries (key) select key from entries limit 1',
  ],
  'balances equal the sum of their postings': [
    `update ledger_accounts set balance_msat = balance_msat + 1
     where id = (select min(id) from ledger_accounts where owner is not null and asset = 'SATS')`,
  ],
  'each posting records the right balance after it': [
    `update postings set balance_after_msat = balance_after_msat + 1
     where entry_id = (select max(entry_id) from postings where balance_after_msat is not null)`,
  ],
  'credit balances equal the sums of their lots': [
    'update credit_accounts set remaining = remaining + 1 where remaining > 0',
  ],
  'credit postings match the history and the expired lots': [
    `update entries set key = 'grant/another' where key = 'grant/rich'`,
  ],
  'lots and drains balance with the credit history': [
    'update credit_drains set amount = amount + 1',
  ],
  'credit accounts have their newest debit, refund and merged grant': [
    `update credit_accounts set debit_at = debit_at - interval '1 hour' where debit_at is not null`,
  ],
  'drained lots were valid at the time of the debit': [
    `update credit_history set expires_at = at where credit_ref = 'grant/rich'`,
    `update credit_accounts a set merged_at = null from credit_history h
     where a.ledger = h.ledger and a.address = h.address and h.credit_ref = 'grant/rich'`,
  ],
  'all credits are backed by sats': [
    `with e as (insert into entries (key) values ('from nothing') returning id)
     insert into postings (entry_id, ledger_account_id, amount_msat)
     select e.id, a.id, case a.system when 'pool' then 5 else -5 end from e, ledger_accounts a
     where a.system in ('pool', 'issued') and a.asset = 'CREDITS'`,
  ],
  "legs equal what their payable's entries posted": [
    `update legs set ledger_account_id = (select id from ledger_accounts where system = 'losses')
     where ctid = (select min(l.ctid) from legs l join ledger_accounts a on a.id = l.ledger_account_id
       where l.side = 'out' and l.actual_msat is not null and a.system = 'pool')`,
  ],
  'the sums of system accounts equal their postings': [
    `insert into ledger_rollups (ledger_account_id, through_entry, balance_msat)
     select id, 1, 123456 from ledger_accounts where system = 'losses'`,
  ],
  'what is reserved is what payables have left over': [
    `with e as (insert into entries (key) values ('from promotion') returning id)
     insert into postings (entry_id, ledger_account_id, amount_msat)
     select e.id, a.id, case a.system when 'reserved' then 5 else -5 end from e, ledger_accounts a
     where a.system in ('reserved', 'promotion') and a.asset = 'SATS'`,
  ],
  'what is owed to people without an account is in claims': [
    'insert into claims (order_id, amount_msat) select id, 5 from orders limit 1',
  ],
  'what an invoice received is in the legs that name it': [
    `update legs set hash = null where ctid = (
       select min(ctid) from legs where hash is not null and actual_msat is not null)`,
  ],
  "an attempt's plan adds up, and equals its cost": [
    `update legs set planned_msat = planned_msat + 1 where ctid = (
       select min(ctid) from legs where side = 'in' and planned_msat is not null and action_id is not null)`,
  ],
  'an attempt that is over has nothing reserved, and spent its cost if it is paid': [
    `insert into legs (n, action_id, attempt, side, kind, asset, ledger_account_id, actual_msat)
     select 99, action_id, attempt, 'refund', 'POOL', asset, ledger_account_id, actual_msat from legs
     where kind = 'POOL' and actual_msat is not null limit 1`,
    `update legs l set actual_msat = null where kind = 'POOL' and side = 'out'
       and exists (select from legs o where o.payable = l.payable and o.n = 99)`,
  ],
  'an action is paid at most once': [
    'drop index attempts_one_paid',
    `insert into attempts (action_id, attempt, flow, state, cost_msat, performed)
     select action_id, 9, 'late', 'PAID', 7, true from attempts where state = 'PAID' limit 1`,
    `insert into transitions (machine, subject, event, to_state)
     select 'attempt', action_id || '/9', 'paid_late', 'PAID' from attempts where attempt = 9`,
    `insert into outbox (destination, kind, ordering_key, subject, payload)
     select 'nats', 'event', 'a key', 'actions.zap.paid',
       jsonb_build_object('actionId', action_id, 'attempt', 9, 'state', 'PAID')
     from attempts where attempt = 9`,
    `insert into legs (n, action_id, attempt, side, kind, asset, ledger_account_id, planned_msat, actual_msat)
     select row_number() over (order by a.id), t.action_id, 9, d.side, 'X', 'SATS', a.id, 7, 7 from attempts t
     cross join (values ('in', 'losses'), ('out', 'pool')) d (side, system)
     join ledger_accounts a on a.system = d.system and a.asset = 'SATS' where t.attempt = 9`,
    `with e as (
       insert into entries (key) select 'action/' || action_id || '/9/paid' from attempts
       where attempt = 9 returning id)
     insert into postings (entry_id, ledger_account_id, amount_msat)
     select e.id, a.id, case a.system when 'pool' then 7 else -7 end from e, ledger_accounts a
     where a.system in ('pool', 'losses') and a.asset = 'SATS'`,
  ],
  'what was performed is visible exactly when its action is paid': [
    `update items set state = 'FAILED', paid_at = null
     where id = (select min(id) from items where state = 'PAID' and zaps = 0)`,
  ],
  "items' counters equal a recount": [
    `update items set zaps = zaps + 1 where id = (select min(id) from items where state = 'PAID')`,
  ],
  'posts are in the lists of their territories, and nothing else is': [
    `insert into item_listings (territory, item_id, hot_key, top_msat, paid_at)
     select 'nowhere', min(id), 0, 0, now() from items where state = 'PAID'`,
  ],
  'a paid vote in a poll is not linked to its voter, and there are as many as ballots': [
    `update items set kind = 'poll' where id = (select min(id) from items where state = 'PAID')`,
    `with o as (
       insert into poll_options (item_id, n, text) select min(id), 1, 'an option' from items where kind = 'poll' returning id)
     insert into poll_votes (option_id, state) select id, 'PAID' from o`,
  ],
  'an attempt or order ends at most once': [
    `insert into transitions (machine, subject, event, from_state, to_state)
     select 'attempt', action_id || '/' || attempt, 'perform_refused', 'FAILED', 'FAILED'
     from attempts where state = 'FAILED' limit 1`,
  ],
  'each transition starts from the state before it': [
    `update transitions set from_state = 'HELD'
     where id = (select min(id) from transitions where from_state = 'INVOICING')`,
  ],
  "each row's state is that of its last transition": [
    `update attempts set state = 'PENDING', deadline_at = now() + interval '1 hour',
       due_at = now() + interval '1 hour' where state = 'FAILED'`,
  ],
  'no event happens to an attempt twice': [
    `insert into transitions (machine, subject, event, from_state, to_state)
     select 'attempt', action_id || '/' || attempt, 'invoice_created', 'PENDING', 'PENDING'
     from attempts where state = 'PENDING'`,
  ],
  'a message is applied once': [
    'insert into applied_messages_before select * from applied_messages',
  ],
  'one transmission at a time per channel': [
    `update transitions set to_state = 'transmitting'
     where event = 'sent' and subject = (select id::text from orders where tx_seq_num = 1)`,
    `update transitions set from_state = 'transmitting'
     where event = 'received' and subject = (select id::text from orders where tx_seq_num = 1)`,
  ],
  'transmission numbers have no gap': ['update transmission_counter set last = last + 1'],
  'no transmission number is assigned twice': [
    'alter table orders drop constraint orders_tx_seq_num_key',
    'update orders set tx_seq_num = 2 where tx_seq_num = 3',
    'update transmission_counter set last = 2',
  ],
  'bids equal what was paid for them': [
    'update orders set bid_msat = bid_msat + 1 where tx_seq_num = 1',
  ],
  'orders sent or received were confirmed by all their regions': [
    `delete from confirmations where region = 0 and kind = 'rx'
     and order_id = (select id from orders where tx_seq_num = 1)`,
  ],
  'every change to announce has its event': [
    `delete from outbox where id = (select min(id) from outbox where subject like 'actions.%.paid')`,
  ],
  'no change is announced twice': [
    `insert into outbox (destination, kind, ordering_key, subject, payload, published_at)
     select destination, kind, ordering_key, subject, payload, now() from outbox
     where subject like 'transmissions.%.ended' limit 1`,
  ],
  'no open attempt or order is overdue': [
    `update attempts set due_at = now() - interval '2 minutes' where state = 'PENDING'`,
  ],
  'no outbox row is overdue': [
    `update only outbox set published_at = null, due_since = now() - interval '2 minutes'
     where id = (select min(id) from only outbox)`,
  ],
  'what follows a payment or a failure is done': [
    `insert into effects (action_id, attempt, kind, created_at)
     select action_id, attempt, 'undo', now() - interval '2 minutes' from attempts where state = 'FAILED' limit 1`,
  ],
  'the node knows every payment that it had begun': [
    `insert into payments (hash, action_id, attempt, bolt11, expires_at, payee_delta, amount_msat, max_fee_msat, forgotten_at)
     select repeat('ab', 32), action_id, attempt, 'lnbcrt1', now(), 18, 1000, 1000, now() - interval '2 minutes'
     from attempts where state = 'FAILED' limit 1`,
  ],
  'secrets of wallets are encrypted': [
    `insert into wallets (owner, kind, address, created_at)
     select id, 'nwc', 'nostr+walletconnect://in-plain-text', now() - interval '2 minutes' from accounts limit 1`,
  ],
  'tables that are dropped after their time begin anew in time': [
    `update rotations set began_at = now() - keep - interval '2 hours' where name = 'applied_messages'`,
  ],
  'expired invoices are closed': [
    `update invoices set expires_at = now() - interval '1 hour' where state = 'open'`,
  ],
};

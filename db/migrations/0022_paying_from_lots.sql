-- Actions are paid from lots: ledger `actions` of credits is what its accounts have, by account id. Postings tell the same story
-- in double entry, and both agree to the last millisatoshi.

alter table ledger_accounts
  drop constraint ledger_accounts_system_check,
  add constraint ledger_accounts_system_check
    check (system in ('outside', 'backing', 'revenue', 'claims', 'issued', 'pool', 'expired'));
-- Where credits go that nobody used in time.
insert into ledger_accounts (system, asset) values ('expired', 'CREDITS');

alter table credit_grants add column expires_at timestamptz check (expires_at > created_at);

-- What is left of an account's live lots, so that nothing has to add them up; of ledger `actions` only.
alter table credit_accounts add column remaining bigint not null default 0 check (remaining >= 0);

-- As before, and the row that is locked before an account's credits move: nobody has to make it in between.
create or replace function open_ledger_accounts() returns trigger language plpgsql as $$
begin
  insert into ledger_accounts (owner, asset, balance_msat)
  values (new.id, 'CREDITS', 0), (new.id, 'SATS', 0);
  insert into credit_accounts (ledger, address) values ('actions', new.id::text);
  return null;
end $$;
insert into credit_accounts (ledger, address) select 'actions', id::text from accounts on conflict do nothing;

-- By row, and only for rows of that ledger: what the other one does in bulk costs nothing. (By statement, with transition tables,
-- it costs more, and a drain of 10,000 lots is not twice as slow this way.)
create function keep_credits_remaining() returns trigger language plpgsql as $$
begin
  case tg_op
    when 'INSERT' then
      update credit_accounts set remaining = remaining + new.remaining
      where ledger = 'actions' and address = new.address;
    when 'UPDATE' then
      update credit_accounts set remaining = remaining + new.remaining - old.remaining
      where ledger = 'actions' and address = new.address;
    when 'DELETE' then
      update credit_accounts set remaining = remaining - old.remaining
      where ledger = 'actions' and address = old.address;
    when 'TRUNCATE' then
      update credit_accounts set remaining = 0 where ledger = 'actions' and remaining <> 0;
  end case;
  return null;
end $$;
create trigger credit_lots_added after insert on credit_lots
  for each row when (new.ledger = 'actions') execute function keep_credits_remaining();
create trigger credit_lots_changed after update of remaining on credit_lots
  for each row when (new.ledger = 'actions') execute function keep_credits_remaining();
create trigger credit_lots_gone after delete on credit_lots
  for each row when (old.ledger = 'actions') execute function keep_credits_remaining();
create trigger credit_lots_truncated after truncate on credit_lots
  for each statement execute function keep_credits_remaining();

-- What accounts have so far becomes a lot each that never expires.
with balance as (
  select owner::text as address, balance_msat as amount from ledger_accounts
  where asset = 'CREDITS' and owner is not null and balance_msat > 0),
history as (
  insert into credit_history (ledger, credit_ref, credit_index, address, amount, at, provider, payment_method)
  select 'actions', 'balance/' || address, 0, address, amount, now(), 'QUITTANCE', 'balance' from balance),
given as (
  update credit_accounts a set granted = a.granted + b.amount from balance b
  where a.ledger = 'actions' and a.address = b.address)
insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at)
select 'actions', address, 'balance/' || address, 0, amount, amount, now() from balance;

-- Whenever a transaction commits: what an account has by its postings is what is left of its lots, expired ones that nobody has
-- acted upon yet included.
create function check_credits_agree() returns trigger language plpgsql as $$
declare
  account uuid;
begin
  if tg_table_name = 'credit_accounts' then account := new.address::uuid; else account := new.owner; end if;
  if (select balance_msat from ledger_accounts where owner = account and asset = 'CREDITS') is distinct from
     (select remaining from credit_accounts where ledger = 'actions' and address = account::text) then
    raise exception 'postings and lots of account % differ', account using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger credit_accounts_agree after insert or update of remaining on credit_accounts
  deferrable initially deferred for each row when (new.ledger = 'actions') execute function check_credits_agree();
create constraint trigger ledger_accounts_agree after update of balance_msat on ledger_accounts
  deferrable initially deferred for each row when (new.asset = 'CREDITS' and new.owner is not null)
  execute function check_credits_agree();

do $$
begin
  if exists (
    select from ledger_accounts l
    full join (select * from credit_accounts where ledger = 'actions') c on c.address = l.owner::text
    where coalesce(l.asset, 'CREDITS') = 'CREDITS' and l.system is null
      and coalesce(l.balance_msat, 0) is distinct from coalesce(c.remaining, 0)
  ) then
    raise exception 'ledger actions of credits already has lots that no posting tells of';
  end if;
end $$;

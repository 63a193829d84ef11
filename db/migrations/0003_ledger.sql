-- Double entry, in millisatoshi. A posting is positive where an account receives.
-- SATS come from `outside` (minus its balance is what the node has taken in) and end in `backing` (of credits issued),
-- `revenue` (transmissions) or `claims` (money of somebody we cannot credit). CREDITS come from `issued`.

create table ledger_accounts (
  id bigint generated always as identity primary key,
  owner uuid references accounts,
  system text check (system in ('outside', 'backing', 'revenue', 'claims', 'issued', 'pool')),
  asset text not null check (asset in ('CREDITS', 'SATS')),
  -- Kept for users only: a balance of everybody's would be one hot row.
  balance_msat bigint check (balance_msat >= 0),
  unique (owner, asset),
  unique (system, asset),
  check ((owner is null) <> (system is null)),
  check ((owner is null) = (balance_msat is null))
);

insert into ledger_accounts (system, asset) values
  ('outside', 'SATS'), ('backing', 'SATS'), ('revenue', 'SATS'), ('claims', 'SATS'),
  ('issued', 'CREDITS'), ('pool', 'CREDITS'), ('claims', 'CREDITS');

-- `key` names what the entry is for, so that it can be written once only.
create table entries (
  id bigint generated always as identity primary key,
  key text not null unique,
  created_at timestamptz not null default now()
);

create table postings (
  entry_id bigint not null references entries,
  ledger_account_id bigint not null references ledger_accounts,
  amount_msat bigint not null check (amount_msat <> 0),
  balance_after_msat bigint,
  primary key (entry_id, ledger_account_id)
);
create index postings_account on postings (ledger_account_id, entry_id);

create trigger entries_append_only before update or delete on entries
  for each row execute function refuse_change();
create trigger postings_append_only before update or delete on postings
  for each row execute function refuse_change();

create function check_entry_balances() returns trigger language plpgsql as $$
begin
  if exists (
    select from postings p join ledger_accounts a on a.id = p.ledger_account_id
    where p.entry_id = new.entry_id group by a.asset having sum(p.amount_msat) <> 0
  ) then
    raise exception 'entry % does not balance', new.entry_id using errcode = 'check_violation';
  end if;
  return null;
end $$;

create constraint trigger postings_balance after insert on postings
  deferrable initially deferred for each row execute function check_entry_balances();

-- Every account can receive both assets from the start, so that a posting never has to make its account.
create function open_ledger_accounts() returns trigger language plpgsql as $$
begin
  insert into ledger_accounts (owner, asset, balance_msat)
  values (new.id, 'CREDITS', 0), (new.id, 'SATS', 0);
  return null;
end $$;
create trigger accounts_open_ledger after insert on accounts
  for each row execute function open_ledger_accounts();

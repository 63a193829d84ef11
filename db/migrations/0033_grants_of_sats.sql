-- Operators may grant sats as well, which never expire.
alter table credit_grants
  add column asset text not null default 'CREDITS' check (asset in ('CREDITS', 'SATS')),
  add check (asset = 'CREDITS' or expires_at is null);

-- Whoever has an action's capability and an account collects what is owed, as credits of that account.
alter table claims
  add column collected_by_account uuid references accounts,
  drop constraint claims_check1,
  add constraint claims_collected check (case state
    when 'open' then collected_by is null and collected_by_account is null
    when 'reserved' then collected_by is not null and collected_by_account is null
    else (collected_by is null) <> (collected_by_account is null) end);

-- Maintenance mode is on while there is a row: nothing new asks the node for an invoice.
create table maintenance_mode (
  singleton boolean primary key default true check (singleton),
  since timestamptz not null default clock_timestamp(),
  because text not null
);

-- The balances of system accounts have no row of their own, which everybody would wait for. Once a day they are summed up to an entry,
-- so that a balance is the last sum and what was posted since.
create table ledger_rollups (
  ledger_account_id bigint not null references ledger_accounts,
  -- All entries up to this one are in it: none of them can still be written.
  through_entry bigint not null check (through_entry >= 0),
  balance_msat numeric not null,
  at timestamptz not null default clock_timestamp(),
  primary key (ledger_account_id, through_entry)
);
create trigger ledger_rollups_append_only before update or delete on ledger_rollups
  for each row execute function refuse_change();

-- As numeric: what the system holds may exceed what an account may have.
create view system_balances as
select a.id, a.system, a.asset,
  coalesce(r.balance_msat, 0) + coalesce((
    select sum(p.amount_msat) from postings p
    where p.ledger_account_id = a.id and p.entry_id > coalesce(r.through_entry, 0)), 0) as balance_msat
from ledger_accounts a
left join lateral (
  select through_entry, balance_msat from ledger_rollups where ledger_account_id = a.id
  order by through_entry desc limit 1) r on true
where a.system is not null;

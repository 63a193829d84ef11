-- Whether the lots of a ledger are known to follow from its history: balances of one that was brought in read as 0 until then.

create table credit_projections (
  ledger text primary key check (ledger in ('actions', 'aleph')),
  -- Changes whenever history came, or lots went, by other hands than the engine's.
  generation bigint not null default 0,
  changed_in xid8,
  -- Of which generation every address was compared, under which version of the rules.
  verified_generation bigint,
  verified_rules integer,
  verified_at timestamptz,
  check ((verified_generation is null) = (verified_rules is null) and (verified_generation is null) = (verified_at is null))
);
insert into credit_projections (ledger, verified_generation, verified_rules, verified_at)
select name.ledger, found.generation, case when found.generation is not null then 1 end,
  case when found.generation is not null then now() end
from unnest(array['actions', 'aleph']) as name(ledger)
cross join lateral (
  select case when not exists (select from credit_history h where h.ledger = name.ledger) then 0 end) as found(generation);

-- Once per transaction. Who verifies meanwhile waits for this row, and finds that the generation has changed.
create function note_foreign_credits() returns trigger language plpgsql as $$
begin
  if tg_level = 'ROW' then
    update credit_projections set generation = generation + 1, changed_in = pg_current_xact_id()
    where ledger = new.ledger and changed_in is distinct from pg_current_xact_id();
  else
    update credit_projections set generation = generation + 1, changed_in = pg_current_xact_id()
    where changed_in is distinct from pg_current_xact_id();
  end if;
  -- Nothing is left that could differ.
  if tg_op = 'TRUNCATE' and not exists (select from credit_history)
     and not exists (select from credit_lots) and not exists (select from credit_past_lots)
     and not exists (select from credit_drains) and not exists (select from credit_shortfalls) then
    update credit_projections set verified_generation = generation, verified_rules = 1, verified_at = now();
  end if;
  return null;
end $$;

-- The engine says who it is when it locks accounts, for the rest of its transaction.
create trigger credit_history_foreign after insert on credit_history for each row
  when (current_setting('quittance.credits', true) is distinct from 'engine') execute function note_foreign_credits();
create trigger credit_history_emptied after truncate on credit_history for each statement execute function note_foreign_credits();
create trigger credit_lots_foreign after update or delete or truncate on credit_lots for each statement
  when (current_setting('quittance.credits', true) is distinct from 'engine') execute function note_foreign_credits();
create trigger credit_past_lots_foreign after update or delete or truncate on credit_past_lots for each statement
  when (current_setting('quittance.credits', true) is distinct from 'engine') execute function note_foreign_credits();
create trigger credit_drains_foreign after update or delete or truncate on credit_drains for each statement
  when (current_setting('quittance.credits', true) is distinct from 'engine') execute function note_foreign_credits();
create trigger credit_shortfalls_foreign after update or delete or truncate on credit_shortfalls for each statement
  when (current_setting('quittance.credits', true) is distinct from 'engine') execute function note_foreign_credits();
create trigger credit_accounts_foreign after delete or truncate on credit_accounts for each statement
  when (current_setting('quittance.credits', true) is distinct from 'engine') execute function note_foreign_credits();

-- Grants of ledger `actions` that never expire merge into one live lot per account. Offline: no process of before may run beside it.

-- From when on: the history before is replayed without merging, and at this instant the live lots that never expire are merged.
create table credit_merging (
  ledger text primary key check (ledger = 'actions'),
  from_at timestamptz not null check (isfinite(from_at))
);
insert into credit_merging (ledger, from_at)
select 'actions', case when max(at) is null then timestamptz 'epoch' else greatest(now(), max(at) + interval '1 us') end
from credit_history where ledger = 'actions';

-- The newest grant that never expires, of a ledger that merges: what is dated before it has to be replayed.
alter table credit_accounts add column merged_at timestamptz;
update credit_accounts a set merged_at = h.at
from (
  select ledger, address, max(at) as at from credit_history
  where ledger = 'actions' and amount > 0 and expires_at is null group by 1, 2) h
where a.ledger = h.ledger and a.address = h.address;

-- The sum of an account's lots was kept row by row: each row of a large drain was one more version of the account's row to go
-- through, which is quadratic. By statement it costs the same for one lot, and a tenth for 10,000. Without the double entry (the
-- credit tables alone, in a scratch schema) there is no sum.
do $migration$
begin
  if to_regproc('keep_credits_remaining') is null then return; end if;
  drop trigger credit_lots_added on credit_lots;
  drop trigger credit_lots_changed on credit_lots;
  drop trigger credit_lots_gone on credit_lots;
  create or replace function keep_credits_remaining() returns trigger language plpgsql as $$
  declare
    account record;
  begin
    -- Loops, since most statements change the lots of one account or, of the other ledger, none.
    case tg_op
      when 'INSERT' then
        for account in
          select address, sum(remaining)::bigint as change from added where ledger = 'actions' group by 1 order by 1 loop
          update credit_accounts set remaining = remaining + account.change
          where ledger = 'actions' and address = account.address;
        end loop;
      when 'UPDATE' then
        for account in
          select address, sum(change)::bigint as change from (
            select address, remaining as change from added where ledger = 'actions'
            union all
            select address, -remaining from gone where ledger = 'actions') lots
          group by 1 having sum(change) <> 0 order by 1 loop
          update credit_accounts set remaining = remaining + account.change
          where ledger = 'actions' and address = account.address;
        end loop;
      when 'DELETE' then
        for account in
          select address, sum(remaining)::bigint as change from gone where ledger = 'actions' group by 1 order by 1 loop
          update credit_accounts set remaining = remaining - account.change
          where ledger = 'actions' and address = account.address;
        end loop;
      when 'TRUNCATE' then
        update credit_accounts set remaining = 0 where ledger = 'actions' and remaining <> 0;
    end case;
    return null;
  end $$;
  create trigger credit_lots_added after insert on credit_lots
    referencing new table as added for each statement execute function keep_credits_remaining();
  create trigger credit_lots_changed after update on credit_lots
    referencing old table as gone new table as added for each statement execute function keep_credits_remaining();
  create trigger credit_lots_gone after delete on credit_lots
    referencing old table as gone for each statement execute function keep_credits_remaining();
end $migration$;

-- The lots follow the rules before and after, so what was verified stays verified, except ledger `actions` if it has a history:
-- its rules are new.
select set_config('quittance.credits', 'engine', true);
update credit_projections p set verified_rules = 2
where verified_rules = 1
  and (ledger <> 'actions' or not exists (select from credit_history h where h.ledger = p.ledger));

-- Where grants merge, a refund into a lot that never expires is a grant like others: the lot's amount contains it.
with returned as (
  select address, refund_lot_ref, refund_lot_index, sum(amount)::bigint as amount from credit_history
  where ledger = 'actions' and refund_lot_ref is not null group by 1, 2, 3),
live as (
  update credit_lots l set amount = l.amount + r.amount from returned r
  where l.ledger = 'actions' and l.expires_at is null and l.address = r.address
    and l.credit_ref = r.refund_lot_ref and l.credit_index = r.refund_lot_index)
update credit_past_lots l set amount = l.amount + r.amount from returned r
where l.ledger = 'actions' and l.expires_at is null and l.address = r.address
  and l.credit_ref = r.refund_lot_ref and l.credit_index = r.refund_lot_index;

-- The first keeps its key and its place. What was drained from the others before stays theirs.
with live as materialized (
  select *, row_number() over (partition by address order by granted_at, credit_ref, credit_index) as place,
    sum(remaining) over (partition by address)::bigint as total
  from credit_lots where ledger = 'actions' and expires_at is null),
first as (
  update credit_lots l set amount = l.amount + m.total - m.remaining, remaining = m.total from live m
  where m.place = 1 and m.total > m.remaining and l.ledger = m.ledger and l.address = m.address
    and l.credit_ref = m.credit_ref and l.credit_index = m.credit_index),
others as (
  delete from credit_lots l using live m
  where m.place > 1 and l.ledger = m.ledger and l.address = m.address
    and l.credit_ref = m.credit_ref and l.credit_index = m.credit_index)
insert into credit_past_lots (ledger, address, credit_ref, credit_index, amount, expired, granted_at)
select ledger, address, credit_ref, credit_index, amount - remaining, 0, granted_at from live
where place > 1 and amount > remaining;

create unique index credit_lots_merged on credit_lots (ledger, address) where ledger = 'actions' and expires_at is null;

-- As before, but that the amount of a lot that grants merge into already contains what was refunded to it.
create or replace view credit_lot_books as
select l.ledger, l.address, l.credit_ref, l.credit_index, l.amount + r.returned as given,
  l.remaining, d.drained, l.expired,
  l.amount + r.returned - l.remaining - d.drained - l.expired as difference
from (
  select ledger, address, credit_ref, credit_index, amount, remaining, 0 as expired, expires_at from credit_lots
  union all
  select ledger, address, credit_ref, credit_index, amount, 0, expired, expires_at from credit_past_lots) l
cross join lateral (
  select coalesce(sum(amount), 0) as drained from credit_drains d
  where d.ledger = l.ledger and d.address = l.address
    and d.lot_ref = l.credit_ref and d.lot_index = l.credit_index) d
cross join lateral (
  select coalesce(sum(amount), 0) as returned from credit_history h
  where h.ledger = l.ledger and h.address = l.address
    and h.refund_lot_ref = l.credit_ref and h.refund_lot_index = l.credit_index
    and (l.expires_at > h.at or (l.expires_at is null and l.ledger <> 'actions'))) r;

-- As before, with the new version of the rules.
create or replace function note_foreign_credits() returns trigger language plpgsql as $$
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
    update credit_projections set verified_generation = generation, verified_rules = 2, verified_at = now();
  end if;
  return null;
end $$;

-- The books were checked at commit once for every row; a payment writes nine. An entry's postings, and what is paid for an
-- attempt that is over, are written by one statement each: checked once, and at once.

drop trigger postings_balance on postings;
drop function check_entry_balances();

create function check_added_postings() returns trigger language plpgsql as $$
declare
  unbalanced bigint;
begin
  select p.entry_id into unbalanced
  from added p join ledger_accounts a on a.id = p.ledger_account_id
  group by p.entry_id, a.asset having sum(p.amount_msat) <> 0 limit 1;
  if found then
    raise exception 'entry % does not balance', unbalanced using errcode = 'check_violation';
  end if;
  return null;
end $$;

create trigger postings_balance after insert on postings
  referencing new table as added for each statement execute function check_added_postings();

drop trigger attempt_payments_money on attempt_payments;

-- Of an attempt that goes on, the sums are looked at when it is over (attempts_money).
create function check_added_payments() returns trigger language plpgsql as $$
declare
  paid record;
  over record;
  sums record;
begin
  -- One by one: nothing is known of how many were added, and a plan for many would walk through the tables.
  for paid in select distinct action_id, attempt from added loop
    select case state when 'PAID' then cost_msat else 0 end as spent_msat into over from attempts
    where action_id = paid.action_id and attempt = paid.attempt and state in ('PAID', 'FAILED');
    continue when not found;
    select coalesce(sum(amount_msat) filter (where direction = 'in'), 0) as received,
      coalesce(sum(amount_msat) filter (where direction = 'out'), 0) as spent,
      coalesce(sum(amount_msat) filter (where direction = 'refund'), 0) as refunded
    into sums from attempt_payments where action_id = paid.action_id and attempt = paid.attempt;
    if sums.received <> sums.spent + sums.refunded or sums.spent <> over.spent_msat then
      raise exception 'attempt %/% is over and its money does not add up', paid.action_id, paid.attempt
        using errcode = 'check_violation';
    end if;
  end loop;
  return null;
end $$;

create trigger attempt_payments_money after insert on attempt_payments
  referencing new table as added for each statement execute function check_added_payments();

-- Only the end is looked at, so only the end asks for it.
drop trigger attempts_money on attempts;
create constraint trigger attempts_money after insert or update of state on attempts
  deferrable initially deferred for each row when (new.state in ('PAID', 'FAILED'))
  execute function check_attempt_payments();

-- Payments as legs, invoices as one aggregate, outside calls in the outbox. Offline: nothing of an earlier release runs meanwhile.
-- Old workflows are terminated by `quittance upgrade`, and the sweep starts new ones from the rows.

-- How often the sweep has acted for the present due_at, which is swept_for: due_at itself says since when the row is overdue.
alter table attempts
  add column sweeps integer not null default 0, add column swept_for timestamptz, add column swept_at timestamptz;
alter table orders
  add column sweeps integer not null default 0, add column swept_for timestamptz, add column swept_at timestamptz;

-- A payment hash has one owner for ever: the attempt or order whose invoice or outgoing payment it is. `payable` is the id of the
-- workflow that owns the row, `action/<id>/<attempt>` or `order/<id>`.
create table payment_hashes (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  payable text not null,
  unique (hash, payable)
);

create function payable_of(action_id uuid, attempt integer, order_id uuid) returns text
language sql immutable parallel safe
return case when order_id is null then 'action/' || action_id::text || '/' || attempt::text
  else 'order/' || order_id::text end;

alter table invoices
  add column payable text generated always as (payable_of(action_id, attempt, order_id)) stored not null,
  -- Which node has it. Null where that was not asked yet.
  add column node text;
insert into payment_hashes (hash, payable) select hash, payable from invoices;
alter table invoices add foreign key (hash, payable) references payment_hashes (hash, payable);
create index invoices_order_open on invoices (order_id) where order_id is not null and state in ('wanted', 'open');

-- The books.
alter table ledger_accounts
  drop constraint ledger_accounts_system_check,
  add constraint ledger_accounts_system_check check (system in (
    'outside', 'backing', 'promotion', 'reserved', 'revenue', 'claims', 'issued', 'pool', 'expired', 'losses'));
insert into ledger_accounts (system, asset) values
  ('reserved', 'SATS'), ('reserved', 'CREDITS'), ('promotion', 'SATS'), ('pool', 'SATS'), ('losses', 'SATS');

-- What was granted was never backed, the pool had credits, and money of the anonymous was owed in credits: from now on every credit
-- is backed by the same amount of sats, what credits were granted for comes from `promotion`, and pool and claims have sats.
create function pg_temp.balance_of(wanted_system text, wanted_asset text) returns bigint language sql as $$
  select coalesce(sum(p.amount_msat), 0)::bigint from postings p join ledger_accounts a on a.id = p.ledger_account_id
  where a.system = wanted_system and a.asset = wanted_asset $$;

create function pg_temp.post(entry_key text, lines jsonb) returns void language plpgsql as $$
declare entry bigint;
begin
  if not exists (select from jsonb_array_elements(lines) l where (l ->> 2)::bigint <> 0) then return; end if;
  insert into entries (key) values (entry_key) returning id into entry;
  insert into postings (entry_id, ledger_account_id, amount_msat)
  select entry, a.id, (l ->> 2)::bigint from jsonb_array_elements(lines) l
  join ledger_accounts a on a.system = l ->> 0 and a.asset = l ->> 1
  where (l ->> 2)::bigint <> 0;
end $$;

do $$
declare
  pool bigint := pg_temp.balance_of('pool', 'CREDITS');
  owed bigint := pg_temp.balance_of('claims', 'CREDITS');
  unbacked bigint := -pg_temp.balance_of('issued', 'CREDITS') - pg_temp.balance_of('backing', 'SATS');
begin
  perform pg_temp.post('upgrade/backing', jsonb_build_array(
    jsonb_build_array('promotion', 'SATS', -unbacked), jsonb_build_array('backing', 'SATS', unbacked)));
  perform pg_temp.post('upgrade/pool', jsonb_build_array(
    jsonb_build_array('pool', 'CREDITS', -pool), jsonb_build_array('issued', 'CREDITS', pool),
    jsonb_build_array('backing', 'SATS', -pool), jsonb_build_array('pool', 'SATS', pool)));
  perform pg_temp.post('upgrade/claims', jsonb_build_array(
    jsonb_build_array('claims', 'CREDITS', -owed), jsonb_build_array('issued', 'CREDITS', owed),
    jsonb_build_array('backing', 'SATS', -owed), jsonb_build_array('claims', 'SATS', owed)));
end $$;

-- The money of a payable (an attempt or an order): what is planned and, once it has moved, what it really was. `in`: from a balance,
-- an invoice or a claim, or `loss` from us. `out`: the shares of the cost. `refund`: what goes back. `conversion`: from `asset` into
-- the other one, against `backing` and `issued`.
create table legs (
  payable text not null generated always as (payable_of(action_id, attempt, order_id)) stored,
  n integer not null check (n >= 1),
  action_id uuid,
  attempt integer,
  order_id uuid references orders,
  side text not null check (side in ('in', 'out', 'refund', 'conversion')),
  kind text not null,
  asset text not null check (asset in ('CREDITS', 'SATS')),
  ledger_account_id bigint references ledger_accounts,
  -- Of the invoice that brings it.
  hash text references payment_hashes,
  -- Null: added after the plan was fixed.
  planned_msat bigint check (planned_msat > 0),
  actual_msat bigint check (actual_msat > 0),
  primary key (payable, n),
  foreign key (action_id, attempt) references attempts,
  check ((action_id is null) = (attempt is null) and (action_id is null) <> (order_id is null)),
  check (planned_msat is not null or actual_msat is not null),
  check (side in ('in', 'out') or planned_msat is null),
  check ((side = 'conversion') = (ledger_account_id is null)),
  check (hash is null or (side = 'in' and asset = 'SATS'))
);
create index legs_hash on legs (hash) where hash is not null;

-- Money owed to somebody without an account: the anonymous author of an action (by its capability) or the customer of an order (by
-- its token). Collected by the action that it pays.
create table claims (
  id bigint generated always as identity primary key,
  payable text not null generated always as (payable_of(action_id, attempt, order_id)) stored,
  action_id uuid,
  attempt integer,
  order_id uuid references orders,
  amount_msat bigint not null check (amount_msat > 0),
  state text not null default 'open' check (state in ('open', 'reserved', 'collected')),
  collected_by uuid references actions,
  opened_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  foreign key (action_id, attempt) references attempts,
  check ((action_id is null) = (attempt is null) and (action_id is null) <> (order_id is null)),
  check ((state = 'open') = (collected_by is null))
);
create index claims_action on claims (action_id) where action_id is not null;
create index claims_order on claims (order_id) where order_id is not null;

-- What a type claims for itself while its action lasts: a name, a vote.
create table exclusive_keys (
  key text primary key,
  action_id uuid not null references actions,
  until timestamptz
);
create index exclusive_keys_action on exclusive_keys (action_id);

-- What is still to be done for a paid or undone action, apart from its payment: written with the transition, done later, once.
create table effects (
  id bigint generated always as identity primary key,
  action_id uuid not null references actions,
  attempt integer not null,
  kind text not null,
  payload jsonb not null default '{}',
  due_at timestamptz not null default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  tries integer not null default 0,
  last_error text,
  done_at timestamptz
);
create index effects_due on effects (due_at) where done_at is null;

-- Arguments are decoded by the version under which they were stored.
alter table actions add column args_version integer not null default 1 check (args_version >= 1);

alter table attempts drop constraint attempts_check1;
update attempts set deadline_at = null where state = 'HELD';
alter table attempts
  drop constraint attempts_state_check,
  add constraint attempts_state_check check (state in ('INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD', 'HELD', 'FORWARDING',
    'FORWARDED', 'WITHDRAWING', 'CANCELLING', 'PAID', 'FAILED')),
  add constraint attempts_deadline check ((state in ('INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD')) = (deadline_at is not null)),
  drop column lease_until,
  drop column settle_seconds,
  -- How often its type failed at what must not fail.
  add column type_failures integer not null default 0 check (type_failures >= 0),
  -- Who opened it without an account, as a keyed hash of the network address; forgotten at the end.
  add column origin bytea check (octet_length(origin) = 16),
  add check (origin is null or payer is null);

-- What the attempts of before were paid with becomes legs: sats came in, were converted, and paid shares in credits.
create function pg_temp.account(wanted_owner uuid, wanted_system text, wanted_asset text) returns bigint language sql as $$
  select id from ledger_accounts where asset = wanted_asset
    and owner is not distinct from wanted_owner and system is not distinct from wanted_system $$;

create temporary table moved on commit drop as
select p.action_id, p.attempt, p.id as place, p.amount_msat,
  case p.direction when 'in' then 'in' when 'out' then 'out' else 'refund' end as side,
  case when p.direction = 'in' and p.kind = 'invoice' then 'INVOICE' when p.direction = 'in' then 'BALANCE'
    when p.direction = 'refund' then 'OVERPAID' else p.kind end as kind,
  case when p.direction = 'in' and p.kind = 'invoice' then 'SATS' else 'CREDITS' end as asset,
  case when p.direction = 'in' and p.kind = 'invoice' then pg_temp.account(null, 'outside', 'SATS')
    else p.ledger_account_id end as ledger_account_id,
  case when p.direction = 'in' and p.kind = 'invoice' then (
    select i.hash from invoices i where i.action_id = p.action_id and i.state = 'settled' and i.attempt <= p.attempt
      and (i.attempt = p.attempt or not exists (
        select from attempt_payments o where o.action_id = i.action_id and o.attempt = i.attempt and o.direction = 'in'))
    order by i.attempt desc limit 1) end as hash,
  case when p.direction <> 'refund' then p.amount_msat end as planned_msat
from attempt_payments p;
insert into moved
select action_id, attempt, max(place) + 1, amount_msat, 'conversion', 'CONVERSION', 'SATS', null, null, null
from moved where kind = 'INVOICE' group by action_id, attempt, amount_msat;
-- What was paid over the price is not planned.
update moved m set planned_msat = a.cost_msat from attempts a
where a.action_id = m.action_id and a.attempt = m.attempt and m.kind = 'INVOICE';
insert into legs (n, action_id, attempt, side, kind, asset, ledger_account_id, hash, planned_msat, actual_msat)
select row_number() over (partition by action_id, attempt order by place, side), action_id, attempt, side, kind, asset,
  ledger_account_id, hash, planned_msat, amount_msat
from moved;

-- Attempts that are open wait for an invoice; the shares of their cost are frozen as of now. Those that failed had the same
-- plan, of which nothing was spent: money may still come for them.
with open_attempts as (
  select a.action_id, a.attempt, a.cost_msat, i.hash,
    coalesce((select max(n) from legs l where l.payable = payable_of(a.action_id, a.attempt, null)), 0) as had,
    case when s.type = 'ZAP' then (select author from items where id = (s.args ->> 'itemId')::bigint) end as author
  from attempts a join actions s on s.id = a.action_id
  join invoices i on i.action_id = a.action_id and i.attempt = a.attempt
  where a.state <> 'PAID'),
planned as (
  select action_id, attempt, 1 as n, 'in' as side, 'INVOICE' as kind, 'SATS' as asset,
    pg_temp.account(null, 'outside', 'SATS') as account, hash, cost_msat as msat from open_attempts
  where had = 0
  union all
  select action_id, attempt, had + 2, 'out', 'POOL', 'SATS', pg_temp.account(null, 'pool', 'SATS'), null,
    cost_msat - case when author is null then 0 else cost_msat * 70 / 100 end from open_attempts
  union all
  select action_id, attempt, had + 3, 'out', 'ZAP', 'CREDITS', pg_temp.account(author, null, 'CREDITS'), null, cost_msat * 70 / 100
  from open_attempts where author is not null)
insert into legs (n, action_id, attempt, side, kind, asset, ledger_account_id, hash, planned_msat)
select n, action_id, attempt, side, kind, asset, account, hash, msat from planned where msat > 0;

-- Money of orders: reserved until sent.
with bids as (
  select i.order_id, i.order_bid, i.hash, i.amount_msat, nullif(i.received_msat, 0) as received_msat, i.state, o.state as order_state
  from invoices i join orders o on o.id = i.order_id),
legs_of as (
  select order_id, 2 * order_bid - 1 as n, 'in' as side, 'INVOICE' as kind, pg_temp.account(null, 'outside', 'SATS') as account,
    hash, amount_msat as planned_msat, received_msat as actual_msat from bids
  union all
  select order_id, 2 * order_bid, 'out', 'REVENUE', pg_temp.account(null, 'revenue', 'SATS'), null, amount_msat,
    case when order_state in ('sent', 'received') then received_msat end from bids
  union all
  select order_id, 1000000 + 2 * order_bid - 1, 'refund', 'CLAIM', pg_temp.account(null, 'claims', 'SATS'), null, null, received_msat
  from bids where order_state in ('cancelled', 'expired') and received_msat is not null)
insert into legs (n, order_id, side, kind, asset, ledger_account_id, hash, planned_msat, actual_msat)
select n, order_id, side, kind, 'SATS', account, hash, planned_msat, actual_msat from legs_of;

select pg_temp.post('order/' || order_id || '/upgrade', jsonb_build_array(
  jsonb_build_array('revenue', 'SATS', -msat), jsonb_build_array('reserved', 'SATS', msat)))
from (
  select i.order_id, sum(i.received_msat)::bigint as msat from invoices i join orders o on o.id = i.order_id
  where o.state in ('pending', 'paid', 'transmitting', 'confirming') group by i.order_id) unsent;

insert into claims (action_id, attempt, amount_msat)
select l.action_id, l.attempt, l.actual_msat from legs l join ledger_accounts a on a.id = l.ledger_account_id
where l.side = 'refund' and a.system = 'claims' and l.action_id is not null;
insert into claims (order_id, amount_msat) select order_id, actual_msat from legs where kind = 'CLAIM' and order_id is not null;

-- Outside calls that are due.
insert into outbox (destination, kind, ordering_key, subject, payload, priority)
select 'node', c.kind, i.hash, i.hash, '{}'::jsonb, c.priority
from attempts a join invoices i using (action_id, attempt)
join (values ('INVOICING', 'create_invoice', 3), ('HELD', 'settle_invoice', 1), ('CANCELLING', 'cancel_invoice', 5))
  as c (state, kind, priority) on c.state = a.state
union all
select 'node', case when o.state = 'pending' then 'create_invoice' else 'cancel_invoice' end, i.hash, i.hash, '{}'::jsonb,
  case when o.state = 'pending' then 3 else 5 end
from orders o join invoices i on i.order_id = o.id
where (o.state = 'pending' and i.state = 'wanted') or (o.state <> 'pending' and i.state in ('wanted', 'open'));
-- Those of workflows are written anew by the sweep.
update outbox set published_at = clock_timestamp() where destination = 'temporal' and published_at is null;
-- What waits until a deadline is due then: looked at before, an invoice that may still be paid would be closed.
update attempts set due_at = case when state in ('PENDING', 'PENDING_HELD') then deadline_at else clock_timestamp() end
where due_at is not null;
update orders o set due_at = case
  when state in ('transmitting', 'confirming') and deadline_at is not null
    or state = 'pending' and not exists (select from invoices i where i.order_id = o.id and i.state = 'wanted')
  then deadline_at else clock_timestamp() end
where due_at is not null;

drop table attempt_payments;
drop function check_added_payments();
drop trigger attempts_money on attempts;
drop function check_attempt_payments();
alter table orders drop column lease_until;

-- The books of payables: what is left over of what came in is reserved, and nothing is when the payable is over.
create view payable_books as
select l.payable, l.action_id, l.attempt, l.order_id, a.asset,
  coalesce(sum(l.actual_msat) filter (where l.side = 'in' and l.asset = a.asset), 0)
    + coalesce(sum(l.actual_msat) filter (where l.side = 'conversion' and l.asset <> a.asset), 0)
    - coalesce(sum(l.actual_msat) filter (where l.side in ('out', 'refund', 'conversion') and l.asset = a.asset), 0) as reserved_msat
from legs l cross join (values ('CREDITS'), ('SATS')) as a (asset)
group by l.payable, l.action_id, l.attempt, l.order_id, a.asset;

-- One payable's sums; raises where they do not add up.
create function check_payable(checked text) returns void language plpgsql as $$
declare
  sums record;
  attempt_row record;
  order_state text;
begin
  select action_id, attempt, order_id,
    coalesce(sum(planned_msat) filter (where side = 'in'), 0) as planned_in,
    coalesce(sum(planned_msat) filter (where side = 'out'), 0) as planned_out,
    coalesce(sum(actual_msat) filter (where side = 'out'), 0) as spent,
    coalesce(sum(case when side = 'in' and asset = 'SATS' or side = 'conversion' and asset = 'CREDITS' then actual_msat
      when asset = 'SATS' then -actual_msat end), 0) as reserved_sats,
    coalesce(sum(case when side = 'in' and asset = 'CREDITS' or side = 'conversion' and asset = 'SATS' then actual_msat
      when asset = 'CREDITS' then -actual_msat end), 0) as reserved_credits
  into sums from legs where payable = checked group by action_id, attempt, order_id;
  if not found then
    if split_part(checked, '/', 1) = 'action' and exists (select from attempts where state = 'PAID'
      and action_id = split_part(checked, '/', 2)::uuid and attempt = split_part(checked, '/', 3)::integer) then
      raise exception '% is paid by nothing', checked using errcode = 'check_violation';
    end if;
    return;
  end if;
  if sums.reserved_sats < 0 or sums.reserved_credits < 0 then
    raise exception 'more has left % than came in', checked using errcode = 'check_violation';
  end if;
  if sums.order_id is not null then
    select state into order_state from orders where id = sums.order_id;
    if order_state in ('sent', 'received', 'cancelled', 'expired') and sums.reserved_sats <> 0 then
      raise exception '% is over and its money does not add up', checked using errcode = 'check_violation';
    end if;
    return;
  end if;
  select state, cost_msat into attempt_row from attempts where action_id = sums.action_id and attempt = sums.attempt;
  if sums.planned_in <> sums.planned_out or sums.planned_out <> attempt_row.cost_msat then
    raise exception 'the plan of % does not add up', checked using errcode = 'check_violation';
  end if;
  if attempt_row.state in ('PAID', 'FAILED') and (sums.reserved_sats <> 0 or sums.reserved_credits <> 0
    or sums.spent <> case attempt_row.state when 'PAID' then attempt_row.cost_msat else 0 end) then
    raise exception '% is over and its money does not add up', checked using errcode = 'check_violation';
  end if;
end $$;

do $$ begin perform check_payable(payable) from (select distinct payable from legs) l; end $$;

create function check_changed_legs() returns trigger language plpgsql as $$
declare changed record;
begin
  -- One by one: nothing is known of how many were changed, and a plan for many would walk through the tables.
  for changed in select distinct payable from changed_legs loop perform check_payable(changed.payable); end loop;
  return null;
end $$;
create trigger legs_added after insert on legs
  referencing new table as changed_legs for each statement execute function check_changed_legs();
create trigger legs_moved after update on legs
  referencing new table as changed_legs for each statement execute function check_changed_legs();

create function check_over() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'orders' then perform check_payable('order/' || new.id::text);
  else perform check_payable('action/' || new.action_id::text || '/' || new.attempt::text); end if;
  return null;
end $$;
create constraint trigger attempts_money after insert or update of state on attempts
  deferrable initially deferred for each row when (new.state in ('PAID', 'FAILED')) execute function check_over();
create constraint trigger orders_money after update of state on orders
  deferrable initially deferred for each row when (new.state in ('sent', 'received', 'cancelled', 'expired'))
  execute function check_over();

-- A plan is fixed once its invoice is shown, and what has moved never changes.
create function refuse_changed_leg() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.actual_msat is null and exists (select from attempts where action_id = old.action_id and attempt = old.attempt
      and state in ('INVOICING', 'WRAPPING')) then return old; end if;
  elsif (new.n, new.side, new.kind, new.asset, new.ledger_account_id, new.hash, new.planned_msat, new.action_id, new.attempt, new.order_id)
      is not distinct from
      (old.n, old.side, old.kind, old.asset, old.ledger_account_id, old.hash, old.planned_msat, old.action_id, old.attempt, old.order_id)
    and old.actual_msat is null then return new;
  end if;
  raise exception 'leg % of % is fixed', old.n, old.payable using errcode = 'restrict_violation';
end $$;
create trigger legs_fixed before update or delete on legs for each row execute function refuse_changed_leg();

-- What an invoice received is what the legs say that name it, whatever they pay.
create function check_received() returns trigger language plpgsql as $$
begin
  if new.received_msat is distinct from (
    select coalesce(sum(actual_msat), 0) from legs where hash = new.hash) then
    raise exception 'invoice % has received what no leg tells of', new.hash using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger invoices_received after update of state on invoices
  deferrable initially deferred for each row when (new.state = 'settled') execute function check_received();

-- Rows that the engine makes visible when their action is paid.
create function set_paid_at() returns trigger language plpgsql as $$
begin
  if new.state = 'PAID' then new.paid_at := coalesce(new.paid_at, clock_timestamp()); end if;
  return new;
end $$;
create trigger items_paid_at before insert or update of state on items for each row execute function set_paid_at();

-- Open ones by their opening, for lists and limits.
create index attempts_open_of on attempts (payer, opened_at desc, action_id) where state not in ('PAID', 'FAILED');
drop index attempts_unpaid;
create index attempts_open_origin on attempts (origin) where state not in ('PAID', 'FAILED') and origin is not null;

-- How many attempts are open of an account, of one origin of the anonymous, and of all the anonymous. Called last in the transaction
-- that opens one, which is counted too: one after the other per account or origin, each sees what the one before has committed.
-- Null limits are not looked at. Gives what is exceeded; `sum/<origin>`: that origin has the most, and gives way.
create function open_attempts_exceed(of_payer uuid, of_origin bytea, per_payer integer, per_origin integer, in_sum integer)
returns text language plpgsql as $$
declare
  most record;
  own bigint;
begin
  if of_payer is not null then
    if per_payer is null then return null; end if;
    perform pg_advisory_xact_lock(74218421, hashtext(of_payer::text));
    if (select count(*) from (select from attempts where payer = of_payer and state not in ('PAID', 'FAILED')
        limit per_payer + 1) o) > per_payer then return 'account'; end if;
    return null;
  end if;
  if of_origin is null then return null; end if;
  if per_origin is not null then
    perform pg_advisory_xact_lock(74218422, hashtext(encode(of_origin, 'hex')));
    if (select count(*) from (select from attempts where origin = of_origin and state not in ('PAID', 'FAILED')
        limit per_origin + 1) o) > per_origin then return 'origin'; end if;
  end if;
  if in_sum is null then return null; end if;
  perform pg_advisory_xact_lock(74218423, 0);
  if (select count(*) from (select from attempts where origin is not null and state not in ('PAID', 'FAILED')
      limit in_sum + 1) o) <= in_sum then return null; end if;
  select origin, count(*) as open into most from attempts
  where origin is not null and state in ('INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD') group by origin order by 2 desc limit 1;
  select count(*) into own from attempts
  where origin = of_origin and state in ('INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD');
  if most.origin is null or own >= most.open then return 'sum'; end if;
  return 'sum/' || encode(most.origin, 'hex');
end $$;

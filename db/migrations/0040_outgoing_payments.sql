-- Money that leaves: outgoing payments, their sends, and the wallets of payees.

alter table attempts
  drop constraint attempts_flow_check,
  add constraint attempts_flow_check check (flow in
    ('credits', 'optimistic', 'pessimistic', 'late', 'wrapped', 'withdrawal')),
  -- Of a wrapped one: the share that its payee gets by a payment to a wallet, or else in credits.
  add column payee uuid references accounts,
  add column payee_kind text,
  add column payee_msat bigint check (payee_msat > 0),
  add check (num_nulls(payee, payee_kind, payee_msat) in (0, 3)),
  add check (flow <> 'wrapped' or payee is not null);

-- Where a payee is paid over Lightning. Tried in their order, those that failed least first.
create table wallets (
  id bigint generated always as identity primary key,
  owner uuid not null references accounts,
  kind text not null,
  -- How it is reached: credentials that can only receive.
  address text not null,
  priority integer not null default 0,
  enabled boolean not null default true,
  -- Payments at once to it; null for any number.
  max_pending integer default 25 check (max_pending >= 0),
  created_at timestamptz not null default clock_timestamp(),
  unique (owner, kind, address)
);

-- What a payable pays to the outside, at most once for a hash: a hash has one owner for ever, failed or not. Of several one is current.
create table payments (
  hash text primary key,
  payable text not null generated always as (payable_of(action_id, attempt, null)) stored,
  action_id uuid not null,
  attempt integer not null,
  -- Null for a withdrawal.
  wallet bigint references wallets,
  node text,
  bolt11 text not null,
  -- By the node's reading of it.
  expires_at timestamptz not null,
  payee_delta integer not null check (payee_delta >= 0),
  amount_msat bigint not null check (amount_msat > 0),
  -- The invoice says no amount, so the node has to be told.
  names_amount boolean not null default false,
  max_fee_msat bigint not null check (max_fee_msat >= 0),
  -- At which the last HTLC to the payee expires at the latest: of what pays for it, the rest is ours to settle in.
  max_height integer check (max_height > 0),
  state text not null default 'open' check (state in ('open', 'succeeded', 'failed')),
  fee_msat bigint check (fee_msat >= 0),
  preimage text check (preimage ~ '^[0-9a-f]{64}$'),
  failure text,
  -- Who holds the newest lease may send.
  lease integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  foreign key (hash, payable) references payment_hashes (hash, payable),
  foreign key (action_id, attempt) references attempts,
  check ((state = 'succeeded') = (fee_msat is not null)),
  check ((state = 'succeeded') <= (preimage is not null)),
  check ((state = 'failed') = (failure is not null)),
  check (encode(sha256(decode(preimage, 'hex')), 'hex') = hash)
);
create unique index payments_one_current on payments (action_id, attempt) where state <> 'failed';
create index payments_attempt on payments (action_id, attempt);
create index payments_open on payments (created_at) where state = 'open';
create index payments_pending_of on payments (wallet) where state = 'open' and wallet is not null;

-- Each is committed before the request is made.
create table sends (
  hash text not null references payments,
  n integer not null check (n >= 1),
  lease integer not null,
  process text not null,
  sent_at timestamptz not null default clock_timestamp(),
  -- The node's first status, the code of its refusal, or `unavailable`: nothing was sent. Null: not known.
  answer text,
  answered_at timestamptz,
  primary key (hash, n),
  check ((answer is null) = (answered_at is null))
);

-- Which wallets an attempt tried, and why they were of no use.
create table wallet_tries (
  id bigint generated always as identity primary key,
  action_id uuid not null,
  attempt integer not null,
  wallet bigint not null references wallets,
  failure text not null,
  tried_at timestamptz not null default clock_timestamp(),
  foreign key (action_id, attempt) references attempts,
  unique (action_id, attempt, wallet)
);

-- A wrapped invoice has the hash of the payment that it pays for, and asks for no less than that may cost.
alter table invoices
  add column wraps text references payments,
  add column accept_height integer,
  add column expiry_height integer,
  add column min_final_cltv integer,
  add column description_hash text check (description_hash ~ '^[0-9a-f]{64}$'),
  add check (wraps is null or (wraps = hash and kind = 'hold'));

create function check_wrapped() returns trigger language plpgsql as $$
begin
  if exists (select from payments where hash = new.wraps and amount_msat + max_fee_msat > new.amount_msat) then
    raise exception 'invoice % asks for less than it forwards', new.hash using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger invoices_cover after insert or update of wraps, amount_msat on invoices
  for each row when (new.wraps is not null) execute function check_wrapped();

-- Locks what decides: a payment cannot be sent while it is given up, nor given up while it is sent.
create function check_send() returns trigger language plpgsql as $$
declare payment record;
begin
  perform from attempts a join payments p using (action_id, attempt)
  where p.hash = new.hash and a.state in ('FORWARDING', 'WITHDRAWING') for no key update of a;
  if not found then
    raise exception 'nothing of % may be sent now', new.hash using errcode = 'check_violation';
  end if;
  select lease, state into payment from payments where hash = new.hash for no key update;
  if payment.state <> 'open' or payment.lease <> new.lease then
    raise exception 'lease % of % is over', new.lease, new.hash using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger sends_allowed before insert on sends for each row execute function check_send();

create function check_send_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.answer is null
    and (new.hash, new.n, new.lease, new.process, new.sent_at) = (old.hash, old.n, old.lease, old.process, old.sent_at) then
    return new;
  end if;
  raise exception 'send % of % is fixed', old.n, old.hash using errcode = 'restrict_violation';
end $$;
create trigger sends_fixed before update or delete on sends for each row execute function check_send_change();

create function check_payment() returns trigger language plpgsql as $$
begin
  if (new.hash, new.action_id, new.attempt, new.wallet, new.bolt11, new.expires_at, new.payee_delta, new.amount_msat, new.names_amount,
      new.max_fee_msat, new.max_height)
    is distinct from
      (old.hash, old.action_id, old.attempt, old.wallet, old.bolt11, old.expires_at, old.payee_delta, old.amount_msat, old.names_amount,
      old.max_fee_msat, old.max_height)
    and exists (select from sends where hash = old.hash) then
    raise exception 'payment % was sent and is fixed', old.hash using errcode = 'restrict_violation';
  end if;
  if old.state = 'succeeded' and new.state <> 'succeeded' or old.state = 'failed' and new.state = 'open' then
    raise exception 'payment % is %', old.hash, old.state using errcode = 'restrict_violation';
  end if;
  -- Given up only when each send is answered, or when the node has refused it as expired for a minute: none of them can start it then.
  if new.state = 'failed' and old.state = 'open'
    and exists (select from sends where hash = old.hash and answer is null)
    and not exists (select from sends where hash = old.hash and answer = 'invoice_expired'
      and answered_at <= clock_timestamp() - interval '60 seconds') then
    raise exception 'payment % may still be sent', old.hash using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger payments_fixed before update on payments for each row execute function check_payment();

-- Nothing is cancelled or given back while its payment may still succeed.
create function check_given_up() returns trigger language plpgsql as $$
begin
  if exists (select from payments where action_id = new.action_id and attempt = new.attempt and state <> 'failed') then
    raise exception '%/% pays somebody still', new.action_id, new.attempt using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger attempts_given_up after update of state on attempts for each row
  when (old.state in ('FORWARDING', 'WITHDRAWING') and new.state in ('CANCELLING', 'FAILED'))
  execute function check_given_up();

-- One payable's sums; raises where they do not add up. Of a fee's budget the rest goes back (`FEE_RETURNED`) or a part was missing and is
-- our loss (`FEE_LOSS`); what was paid for nothing is our loss (`LOSS`).
create or replace function check_payable(checked text) returns void language plpgsql as $$
declare
  sums record;
  attempt_row record;
  order_state text;
begin
  select action_id, attempt, order_id,
    coalesce(sum(planned_msat) filter (where side = 'in'), 0) as planned_in,
    coalesce(sum(planned_msat) filter (where side = 'out'), 0) as planned_out,
    coalesce(sum(actual_msat) filter (where side = 'out'), 0) as spent,
    coalesce(sum(actual_msat) filter (where side = 'out' and kind in ('WITHDRAWAL', 'FORWARD', 'ROUTING_FEE')), 0) as paid_out,
    coalesce(sum(actual_msat) filter (where side = 'refund' and kind = 'FEE_RETURNED'), 0) as fee_returned,
    coalesce(sum(actual_msat) filter (where side = 'in' and kind = 'FEE_LOSS'), 0) as fee_loss,
    coalesce(sum(actual_msat) filter (where side = 'in' and kind = 'LOSS'), 0) as loss,
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
    or case attempt_row.state when 'PAID' then sums.spent - sums.fee_loss + sums.fee_returned <> attempt_row.cost_msat
      else sums.spent <> sums.loss end
    or sums.paid_out <> (select coalesce(sum(amount_msat + fee_msat), 0) from payments
      where action_id = sums.action_id and attempt = sums.attempt and state = 'succeeded')) then
    raise exception '% is over and its money does not add up', checked using errcode = 'check_violation';
  end if;
end $$;

create function check_paid_out() returns trigger language plpgsql as $$
begin
  perform check_payable(new.payable);
  return null;
end $$;
create constraint trigger payments_booked after update of state on payments
  deferrable initially deferred for each row when (new.state = 'succeeded') execute function check_paid_out();

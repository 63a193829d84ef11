create table actions (
  id uuid primary key,
  type text not null,
  -- Null when anonymous: then the capability token is the only way in.
  actor uuid references accounts,
  capability_hash bytea check (octet_length(capability_hash) = 32),
  args jsonb not null,
  request_hash bytea not null check (octet_length(request_hash) = 32),
  cost_msat bigint not null check (cost_msat > 0),
  created_at timestamptz not null default now(),
  check ((actor is null) = (capability_hash is not null))
);
create index actions_actor on actions (actor, created_at desc) where actor is not null;

create table attempts (
  action_id uuid not null references actions,
  attempt integer not null check (attempt >= 1),
  -- The action's actor, here too so that an account's open attempts are counted by an index.
  payer uuid references accounts,
  flow text not null check (flow in ('credits', 'optimistic', 'pessimistic', 'late')),
  state text not null check (state in
    ('INVOICING', 'PENDING', 'PENDING_HELD', 'HELD', 'CANCELLING', 'PAID', 'FAILED')),
  reason text,
  cost_msat bigint not null check (cost_msat > 0),
  performed boolean not null default false,
  -- Who may create the invoice holds this lease.
  lease_until timestamptz,
  settle_seconds double precision not null check (settle_seconds > 0),
  opened_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  -- When the state must be left; null in CANCELLING, which lasts until the node has answered, and at the end.
  deadline_at timestamptz,
  -- When somebody should have attended to it; the relay's sweep goes by this. Null only at the end.
  due_at timestamptz,
  primary key (action_id, attempt),
  check ((state in ('PAID', 'FAILED')) = (due_at is null)),
  check ((state in ('PAID', 'FAILED', 'CANCELLING')) = (deadline_at is null)),
  check (state <> 'FAILED' or reason is not null),
  check (state <> 'PAID' or performed)
);
create unique index attempts_one_paid on attempts (action_id) where state = 'PAID';
create unique index attempts_one_open on attempts (action_id) where state not in ('PAID', 'FAILED');
create index attempts_unpaid on attempts (payer) where state in ('INVOICING', 'PENDING', 'PENDING_HELD');
create index attempts_due on attempts (due_at) where due_at is not null;

-- Of an attempt or of an order. The hash comes from our secret, so it is known before the node has made the invoice
-- (`wanted`): facts always find their row.
create table invoices (
  hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
  action_id uuid,
  attempt integer,
  order_id uuid,
  -- The n-th invoice of an order: 1 at opening, more for bumps.
  order_bid integer,
  kind text not null check (kind in ('ordinary', 'hold')),
  state text not null default 'wanted' check (state in ('wanted', 'open', 'held', 'settled', 'canceled')),
  amount_msat bigint not null check (amount_msat > 0),
  received_msat bigint not null default 0 check (received_msat >= 0),
  expiry_seconds integer not null check (expiry_seconds > 0),
  memo text not null,
  bolt11 text,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  changed_at timestamptz not null default now(),
  foreign key (action_id, attempt) references attempts,
  unique (action_id, attempt),
  unique (order_id, order_bid),
  check ((action_id is null) = (attempt is null)),
  check ((order_id is null) = (order_bid is null)),
  check ((action_id is null) <> (order_id is null)),
  check ((state = 'settled') <= (received_msat >= amount_msat))
);

-- Where an attempt's money came from, went, and went back.
create table attempt_payments (
  id bigint generated always as identity primary key,
  action_id uuid not null,
  attempt integer not null,
  direction text not null check (direction in ('in', 'out', 'refund')),
  kind text not null,
  ledger_account_id bigint references ledger_accounts,
  amount_msat bigint not null check (amount_msat > 0),
  foreign key (action_id, attempt) references attempts
);
create index attempt_payments_attempt on attempt_payments (action_id, attempt);
create trigger attempt_payments_append_only before update or delete on attempt_payments
  for each row execute function refuse_change();

-- What came in equals what went out plus what went back, whenever an attempt is over.
create function check_attempt_payments() returns trigger language plpgsql as $$
begin
  if exists (
    select from attempts a
    left join attempt_payments p using (action_id, attempt)
    where a.action_id = new.action_id and a.attempt = new.attempt and a.state in ('PAID', 'FAILED')
    group by a.state, a.cost_msat
    having coalesce(sum(p.amount_msat) filter (where p.direction = 'in'), 0)
        <> coalesce(sum(p.amount_msat) filter (where p.direction <> 'in'), 0)
      or (a.state = 'PAID'
        and coalesce(sum(p.amount_msat) filter (where p.direction = 'out'), 0) <> a.cost_msat)
      or (a.state = 'FAILED' and count(*) filter (where p.direction = 'out') > 0)
  ) then
    raise exception 'attempt %/% is over and its money does not add up', new.action_id, new.attempt
      using errcode = 'check_violation';
  end if;
  return null;
end $$;

create constraint trigger attempts_money after insert or update of state on attempts
  deferrable initially deferred for each row execute function check_attempt_payments();
create constraint trigger attempt_payments_money after insert on attempt_payments
  deferrable initially deferred for each row execute function check_attempt_payments();

create table items (
  id bigint generated always as identity primary key,
  action_id uuid not null unique references actions,
  author uuid references accounts,
  title text not null,
  url text,
  text text not null default '',
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default now(),
  paid_at timestamptz,
  zaps integer not null default 0 check (zaps >= 0),
  zapped_msat bigint not null default 0 check (zapped_msat >= 0),
  check ((state = 'PAID') = (paid_at is not null)),
  check (state = 'PAID' or (zaps = 0 and zapped_msat = 0))
);
create index items_paid on items (paid_at desc, id desc) where state = 'PAID';
create index items_author on items (author, id desc);

create table zaps (
  action_id uuid primary key references actions,
  item_id bigint not null references items,
  actor uuid references accounts,
  amount_msat bigint not null check (amount_msat > 0),
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default now()
);
create index zaps_item on zaps (item_id) where state = 'PAID';

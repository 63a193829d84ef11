-- Credits as lots that expire. The history is the truth and only grows; lots, drains and shortfalls follow from it and can be
-- made again at any time. Ledger `actions` counts msat, ledger `aleph` the peer's integer credits.
-- Texts that order lots are collated "C": by code points, as the rules in domain/credits compare them.

-- Exact, where a double would not hold the microseconds.
create function to_us(at timestamptz) returns bigint language sql immutable parallel safe
  return (extract(epoch from at) * 1000000)::bigint;
create function from_us(us bigint) returns timestamptz language sql immutable parallel safe
  return timestamptz 'epoch' + (us / 1000000) * interval '1 second' + (us % 1000000) * interval '1 microsecond';

-- Which lots a debit takes first, from when on.
create table credit_policies (
  ledger text not null check (ledger in ('actions', 'aleph')),
  from_at timestamptz not null,
  drain_order text not null check (drain_order in ('emission', 'expiration')),
  primary key (ledger, from_at)
);
insert into credit_policies values ('actions', '-infinity', 'emission'), ('aleph', '-infinity', 'emission');

-- One row per address, locked by everything that writes for it.
create table credit_accounts (
  ledger text not null check (ledger in ('actions', 'aleph')),
  address text collate "C" not null check (address <> ''),
  -- All that was ever given; it must not outgrow what a sum can be told in.
  granted bigint not null default 0 check (granted >= 0),
  -- The newest debit: what is dated before it has to be replayed.
  debit_at timestamptz,
  debit_ref text collate "C",
  debit_index integer,
  -- The newest expiry that was acted upon.
  expired_at timestamptz,
  primary key (ledger, address),
  check ((debit_at is null) = (debit_ref is null) and (debit_at is null) = (debit_index is null))
) with (fillfactor = 80);

create table credit_history (
  ledger text not null,
  credit_ref text collate "C" not null check (credit_ref <> ''),
  credit_index integer not null check (credit_index >= 0),
  address text collate "C" not null check (address <> ''),
  amount bigint not null check (amount <> 0),
  at timestamptz not null,
  expires_at timestamptz,
  price numeric,
  bonus_amount bigint,
  tx_hash text,
  token text,
  chain text,
  provider text,
  origin text,
  origin_ref text,
  payment_method text,
  expense_count bigint check (expense_count >= 0),
  expense_size_mib numeric check (expense_size_mib >= 0),
  -- The drain that a refund gives back: into its lot while that is valid, else as a lot of its own.
  refund_debit_ref text collate "C",
  refund_debit_index integer,
  refund_lot_ref text collate "C",
  refund_lot_index integer,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (ledger, credit_ref, credit_index),
  foreign key (ledger, refund_debit_ref, refund_debit_index) references credit_history,
  foreign key (ledger, refund_lot_ref, refund_lot_index) references credit_history,
  unique (ledger, refund_debit_ref, refund_debit_index, refund_lot_ref, refund_lot_index),
  check (amount > 0 or expires_at is null),
  check (refund_debit_ref is null or amount > 0),
  check ((refund_debit_ref is null) = (refund_lot_ref is null))
);
create index credit_history_address on credit_history (ledger, address, at, credit_ref, credit_index);
create index credit_history_resource on credit_history
  (ledger, (coalesce(nullif(origin, ''), origin_ref))) where payment_method = 'credit_expense';
create trigger credit_history_append_only before update or delete on credit_history
  for each row execute function refuse_change();

-- Lots with something left. No index names the remaining amount, so that a drain can be a HOT update.
create table credit_lots (
  ledger text not null,
  address text collate "C" not null,
  credit_ref text collate "C" not null,
  credit_index integer not null,
  amount bigint not null check (amount > 0),
  remaining bigint not null check (remaining between 1 and amount),
  granted_at timestamptz not null,
  expires_at timestamptz,
  primary key (ledger, address, credit_ref, credit_index),
  foreign key (ledger, credit_ref, credit_index) references credit_history,
  foreign key (ledger, address) references credit_accounts
) with (fillfactor = 80);
create index credit_lots_emission on credit_lots (ledger, address, granted_at, credit_ref, credit_index);
create index credit_lots_expiration on credit_lots (ledger, address, expires_at, granted_at, credit_ref, credit_index);
create index credit_lots_due on credit_lots (expires_at) where expires_at is not null;

-- Lots that are over: emptied (expired = 0), or expired with something left.
create table credit_past_lots (
  ledger text not null,
  address text collate "C" not null,
  credit_ref text collate "C" not null,
  credit_index integer not null,
  amount bigint not null check (amount > 0),
  expired bigint not null check (expired between 0 and amount),
  granted_at timestamptz not null,
  expires_at timestamptz,
  primary key (ledger, address, credit_ref, credit_index),
  foreign key (ledger, credit_ref, credit_index) references credit_history,
  foreign key (ledger, address) references credit_accounts,
  check (expired = 0 or expires_at is not null)
);

-- Which debit took how much of which lot.
create table credit_drains (
  ledger text not null,
  address text collate "C" not null,
  debit_ref text collate "C" not null,
  debit_index integer not null,
  lot_ref text collate "C" not null,
  lot_index integer not null,
  amount bigint not null check (amount > 0),
  primary key (ledger, debit_ref, debit_index, lot_ref, lot_index),
  foreign key (ledger, debit_ref, debit_index) references credit_history,
  foreign key (ledger, lot_ref, lot_index) references credit_history,
  foreign key (ledger, address) references credit_accounts
);
create index credit_drains_address on credit_drains (ledger, address, lot_ref, lot_index);

-- What a debit asked for and no lot was there to give; an earlier-dated grant may still meet it.
create table credit_shortfalls (
  ledger text not null,
  address text collate "C" not null,
  debit_ref text collate "C" not null,
  debit_index integer not null,
  amount bigint not null check (amount > 0),
  primary key (ledger, debit_ref, debit_index),
  foreign key (ledger, debit_ref, debit_index) references credit_history,
  foreign key (ledger, address) references credit_accounts
);
create index credit_shortfalls_address on credit_shortfalls (ledger, address);

-- The books of each address; both differences are 0 whenever nobody is writing for it.
create view credit_books as
select a.ledger, a.address, h.granted, l.remaining, d.drained, p.expired, h.debited, s.short,
  h.granted - l.remaining - d.drained - p.expired as lots_difference,
  h.debited - d.drained - s.short as debits_difference
from credit_accounts a
cross join lateral (
  select coalesce(sum(amount) filter (where amount > 0), 0) as granted,
    coalesce(-sum(amount) filter (where amount < 0), 0) as debited
  from credit_history where ledger = a.ledger and address = a.address) h
cross join lateral (
  select coalesce(sum(remaining), 0) as remaining from credit_lots
  where ledger = a.ledger and address = a.address) l
cross join lateral (
  select coalesce(sum(amount), 0) as drained from credit_drains
  where ledger = a.ledger and address = a.address) d
cross join lateral (
  select coalesce(sum(expired), 0) as expired from credit_past_lots
  where ledger = a.ledger and address = a.address) p
cross join lateral (
  select coalesce(sum(amount), 0) as short from credit_shortfalls
  where ledger = a.ledger and address = a.address) s;

-- The same lot by lot: what was given and given back equals what is left, drained and expired.
create view credit_lot_books as
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
    and (l.expires_at is null or l.expires_at > h.at)) r;

-- What a service of the peer costs, and whether its owner can still pay for a day of it.
create table credit_resources (
  item_hash text primary key,
  -- The order in which they are paid for.
  id bigint generated always as identity,
  owner text collate "C" not null,
  type text not null,
  credits_per_second numeric check (credits_per_second >= 0),
  status text not null default 'processed' check (status in ('processed', 'removing'))
);
create index credit_resources_owner on credit_resources (owner);

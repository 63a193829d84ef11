-- Territories: what posts are filed under. Bought for a period, or once for ever; their owners have a share of what is paid in them.

create table territories (
  id bigint generated always as identity primary key,
  -- Lower case: a name is found however it is written.
  name text not null unique check (name ~ '^[a-z0-9_]{2,32}$'),
  -- Of its creation.
  action_id uuid not null unique references actions,
  owner uuid not null references accounts,
  state text not null check (state in ('ACTIVE', 'GRACE', 'STOPPED')),
  billing text not null check (billing in ('MONTHLY', 'YEARLY', 'ONCE')),
  -- Of a period of its billing, as it was when it was bought.
  price_msat bigint not null check (price_msat > 0),
  auto_renew boolean not null,
  billed_at timestamptz not null,
  -- Null: for ever.
  paid_until timestamptz,
  -- Of the month, in UTC, on which its periods begin: a shorter month has its last day instead.
  anchor_day integer not null check (anchor_day between 1 and 31),
  description text not null,
  base_cost_msat bigint not null check (base_cost_msat between 1000 and 100000000 and base_cost_msat % 1000 = 0),
  reply_cost_msat bigint not null check (reply_cost_msat between 1000 and 100000000 and reply_cost_msat % 1000 = 0),
  post_types text[] not null check (cardinality(post_types) > 0 and post_types <@ array['LINK', 'DISCUSSION', 'POLL', 'BOUNTY', 'JOB']),
  ranking text not null default 'WOT' check (ranking in ('WOT', 'RECENT')),
  -- What of a share is the pool's instead of the owner's.
  rewards_percent integer not null default 30 check (rewards_percent between 0 and 100),
  moderated boolean not null default false,
  -- Counts its changes: a change says which state it is of.
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  -- When its workflow should have attended to it; null where nothing will come.
  due_at timestamptz,
  sweeps integer not null default 0,
  swept_for timestamptz,
  swept_at timestamptz,
  check ((billing = 'ONCE') = (paid_until is null)),
  check (state = 'ACTIVE' or paid_until is not null),
  check (billed_at < paid_until)
);
create index territories_due on territories (due_at) where due_at is not null;
create index territories_owner on territories (owner);

create function count_territory_change() returns trigger language plpgsql as $$
begin
  if (new.owner, new.state, new.billing, new.price_msat, new.auto_renew, new.billed_at, new.paid_until, new.description,
      new.base_cost_msat, new.reply_cost_msat, new.post_types, new.ranking, new.rewards_percent, new.moderated)
    is distinct from
      (old.owner, old.state, old.billing, old.price_msat, old.auto_renew, old.billed_at, old.paid_until, old.description,
      old.base_cost_msat, old.reply_cost_msat, old.post_types, old.ranking, old.rewards_percent, old.moderated) then
    new.version := old.version + 1;
    new.changed_at := clock_timestamp();
  end if;
  return new;
end $$;
create trigger territories_version before update on territories for each row execute function count_territory_change();

-- What is paid for a territory; applied to it when it is paid.
create table territory_acts (
  action_id uuid primary key references actions,
  name text not null,
  kind text not null check (kind in ('CREATE', 'UPDATE', 'BILLING', 'UNARCHIVE')),
  actor uuid not null references accounts,
  amount_msat bigint not null check (amount_msat > 0),
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default now()
);
create index territory_acts_name on territory_acts (name, created_at desc);

create table territory_transfers (
  id bigint generated always as identity primary key,
  territory bigint not null references territories,
  from_account uuid not null references accounts,
  to_account uuid not null references accounts,
  at timestamptz not null default clock_timestamp(),
  check (from_account <> to_account)
);
create index territory_transfers_of on territory_transfers (territory, id);
create trigger territory_transfers_append_only before update or delete on territory_transfers
  for each row execute function refuse_change();
create trigger territory_transfers_no_truncate before truncate on territory_transfers
  for each statement execute function refuse_change();

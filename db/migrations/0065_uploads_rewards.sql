-- Files that items and territories show. Others see them once something that shows them is paid.
create table uploads (
  id uuid primary key,
  -- Null: of somebody without an account.
  owner uuid references accounts,
  -- Of somebody without an account: the network, as a keyed hash.
  origin bytea check (octet_length(origin) = 16),
  content_type text not null,
  size integer not null check (size > 0),
  sha256 bytea not null check (octet_length(sha256) = 32),
  created_at timestamptz not null default clock_timestamp(),
  paid_at timestamptz
);
create index uploads_owner on uploads (owner, created_at desc);
create index uploads_unpaid on uploads (created_at) where paid_at is null;
create index uploads_origin on uploads (origin) where paid_at is null and origin is not null;

-- Of the store that is this database. No foreign key: the bytes are there first.
create table upload_bytes (
  id uuid primary key,
  bytes bytea not null,
  stored_at timestamptz not null default clock_timestamp()
);

create table upload_uses (
  action_id uuid not null references actions,
  upload uuid not null references uploads,
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  primary key (action_id, upload)
);
create index upload_uses_of on upload_uses (upload);

-- Bounties that were paid: once for each comment, never from a balance.
create table bounty_payments (
  action_id uuid primary key references actions,
  root_id bigint not null references items,
  item_id bigint not null references items,
  payee uuid not null references accounts,
  amount_msat bigint not null check (amount_msat > 0),
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default now()
);
create unique index bounty_payments_once on bounty_payments (item_id) where state = 'PAID';
create index bounty_payments_root on bounty_payments (root_id) where state = 'PAID';

-- Payments to the name of an account.
create table proxy_payments (
  action_id uuid primary key references actions,
  payee uuid not null references accounts,
  amount_msat bigint not null check (amount_msat > 0),
  comment text not null default '' check (length(comment) <= 1000),
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default now()
);
create index proxy_payments_payee on proxy_payments (payee, created_at desc) where state = 'PAID';

-- Rewards: what came into the pool in a day goes to those who earned it. A day is closed once: the entries up to through_entry are in it
-- or in one before, and none of them can still be written.
create table reward_days (
  day date primary key,
  through_entry bigint not null check (through_entry >= 0),
  pool_msat bigint not null check (pool_msat >= 0),
  state text not null default 'CLOSED' check (state in ('CLOSED', 'PAID')),
  paid_msat bigint not null default 0 check (paid_msat >= 0 and paid_msat <= pool_msat),
  closed_at timestamptz not null default clock_timestamp(),
  paid_at timestamptz,
  check ((state = 'PAID') = (paid_at is not null))
);
create index reward_days_closed on reward_days (day) where state = 'CLOSED';

-- Who earned which part of a day, in parts of any size; filled when the day is closed.
create table reward_shares (
  day date not null references reward_days,
  account uuid not null references accounts,
  share double precision not null check (share > 0 and share < 'infinity'),
  -- Of the pool, whole msat; the action that pays it.
  amount_msat bigint check (amount_msat >= 0),
  action_id uuid references actions,
  primary key (day, account)
);
create index reward_shares_unpaid on reward_shares (day, account) where action_id is null;
create index reward_shares_account on reward_shares (account, day);

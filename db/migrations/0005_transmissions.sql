-- Numbers, rates and limits of the Satellite API's channels. A channel is one line: whoever may change what it sends next
-- locks its row first, so that two never choose at once.
create table channels (
  number integer primary key,
  name text not null unique,
  paid boolean not null,
  rate_bytes_per_second integer not null check (rate_bytes_per_second > 0),
  confirm_timeout_seconds integer not null check (confirm_timeout_seconds > 0),
  max_message_bytes integer not null check (max_message_bytes > 0)
);
insert into channels values
  (1, 'transmissions', true, 1000, 60, 1048576),
  (3, 'auth', false, 125, 60, 1048576),
  (4, 'gossip', false, 500, 300, 1800000),
  (5, 'btc-src', false, 500, 300, 16200000);

-- A row, not a sequence: its number is taken in the transaction that starts the transmission, so none is lost.
create table transmission_counter (
  singleton boolean primary key default true check (singleton),
  last integer not null default 0
);
insert into transmission_counter default values;

-- Regions are kept as bits: region n is 1 << n, all six 63.
create table orders (
  id uuid primary key,
  channel integer not null references channels,
  state text not null check (state in
    ('pending', 'paid', 'transmitting', 'confirming', 'sent', 'received', 'cancelled', 'expired')),
  bid_msat bigint not null default 0 check (bid_msat >= 0),
  unpaid_bid_msat bigint not null default 0 check (unpaid_bid_msat >= 0),
  min_bid_msat bigint not null check (min_bid_msat >= 0),
  message_size integer not null check (message_size > 0),
  ota_bytes integer not null check (ota_bytes > 0),
  message_digest text not null check (message_digest ~ '^[0-9a-f]{64}$'),
  bid_per_byte double precision not null generated always as (bid_msat::float8 / ota_bytes) stored,
  regions integer not null check (regions between 1 and 63),
  tx_seq_num integer unique,
  -- As it was configured when the order was opened; a fraction in tests.
  confirm_timeout_seconds double precision not null check (confirm_timeout_seconds >= 0),
  created_at timestamptz not null default now(),
  cancelled_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  -- Retransmission: wanted while confirming; which regions are still missing, how often tried.
  retry_wanted boolean not null default false,
  retry_count integer not null default 0 check (retry_count >= 0),
  retry_regions integer check (retry_regions between 1 and 63),
  last_attempt_at timestamptz,
  -- Who may have the node make the invoice holds this lease: the edge first.
  lease_until timestamptz,
  -- When the state must be left: pending, by payment or expiry; transmitting and confirming, by confirmations or another try.
  -- Null where it waits for the line, and at the end.
  deadline_at timestamptz,
  -- When somebody should have attended to it; the relay's sweep goes by this. Null once it is over and no invoice is open.
  due_at timestamptz,
  check ((tx_seq_num is null) = (started_at is null)),
  check (state not in ('transmitting', 'confirming', 'sent', 'received') or started_at is not null),
  check (state not in ('pending', 'paid', 'cancelled', 'expired') or started_at is null),
  check ((state in ('sent', 'received')) = (ended_at is not null)),
  check ((state = 'cancelled') = (cancelled_at is not null)),
  check (state = 'confirming' or not retry_wanted),
  check ((retry_count > 0) = (last_attempt_at is not null)),
  check (state not in ('paid', 'sent', 'received', 'cancelled', 'expired') or deadline_at is null),
  check (state not in ('pending', 'transmitting') or deadline_at is not null),
  check (state <> 'confirming' or retry_wanted = (deadline_at is null)),
  check (state not in ('pending', 'paid', 'transmitting', 'confirming') or due_at is not null)
);
create unique index orders_one_transmitting on orders (channel) where state = 'transmitting';
create index orders_line on orders (channel, bid_per_byte desc, created_at) where state = 'paid';
create index orders_retries on orders (channel, retry_count, bid_per_byte desc) where retry_wanted;
create index orders_due on orders (due_at) where due_at is not null;

alter table invoices add foreign key (order_id) references orders;

-- Up to 16 MB, mostly encrypted or compressed already. Gone when the order is cancelled or expires.
create table order_messages (
  order_id uuid primary key references orders,
  body bytea not null
);
alter table order_messages alter column body set storage external;

-- `presumed`: of a region that has no receiver, added when the others have received.
create table confirmations (
  order_id uuid not null references orders,
  kind text not null check (kind in ('tx', 'rx')),
  region integer not null check (region between 0 and 5),
  presumed boolean not null default false,
  at timestamptz not null default clock_timestamp(),
  primary key (order_id, kind, region)
);

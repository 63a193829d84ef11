-- What leaves for devices and relays of others after something happened: one row each, delivered at least once.

create table push_subscriptions (
  id bigint generated always as identity primary key,
  account uuid not null references accounts,
  endpoint text not null unique check (length(endpoint) <= 1000),
  -- Of the browser: its public key (P-256, uncompressed) and its secret.
  p256dh bytea not null check (octet_length(p256dh) = 65),
  auth bytea not null check (octet_length(auth) = 16),
  created_at timestamptz not null default clock_timestamp(),
  -- The push service knows it no more, or it was refused too often.
  ended_at timestamptz
);
create index push_subscriptions_account on push_subscriptions (account) where ended_at is null;

create table deliveries (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('PUSH', 'ZAP_RECEIPT')),
  key text not null unique,
  notice_id bigint references notices,
  subscription_id bigint references push_subscriptions on delete cascade,
  action_id uuid references actions,
  -- Of a relay of nostr.
  address text check (length(address) <= 1000),
  -- Counts what is to be said anew: a delivery that ends says which one it was.
  version integer not null default 1,
  due_at timestamptz not null default clock_timestamp(),
  tries integer not null default 0,
  leased_until timestamptz,
  last_error text,
  done_at timestamptz,
  -- Delivered, or given up.
  delivered boolean,
  check ((done_at is null) = (delivered is null)),
  check ((kind = 'PUSH') = (notice_id is not null and subscription_id is not null)),
  check ((kind = 'ZAP_RECEIPT') = (action_id is not null and address is not null))
);
create index deliveries_due on deliveries (due_at) where done_at is null;
create index deliveries_done on deliveries (done_at) where done_at is not null;

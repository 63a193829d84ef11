-- Order intake: stores, what they sent, their orders as snapshots, and what is asked of them.

create table stores (
  id text primary key check (id ~ '^[a-z0-9-]{1,60}$'),
  url text not null,
  name text not null,
  zone text not null default 'UTC',
  -- Orders created before are adopted: nothing is said of how they became known. In the store's time.
  installed_at timestamptz not null,
  settings jsonb not null default '{}',
  -- Consumer key and secret, encrypted. Null: the store cannot be asked.
  api_key bytea,
  api_may_write boolean not null default false,
  -- The store's clock: its time is store_at + rate * (database time - database_at).
  clock_rate double precision not null default 1 check (clock_rate > 0),
  clock_database_at timestamptz not null default clock_timestamp(),
  clock_store_at timestamptz not null default clock_timestamp(),
  -- All that the store changed before has been read over REST. In the store's time.
  watermark timestamptz not null,
  reconciled_at timestamptz,
  -- Since when the store does not answer; null while it does.
  unreachable_since timestamptz,
  last_ping_at timestamptz,
  opened_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  -- When its workflow looks at it next; null once closed.
  due_at timestamptz default clock_timestamp(),
  since timestamptz not null default clock_timestamp(),
  tries integer not null default 0,
  sweeps integer not null default 0,
  swept_for timestamptz,
  swept_at timestamptz,
  check ((closed_at is null) = (due_at is not null))
);
create index stores_due on stores (due_at) where due_at is not null;

-- What a store's workflow does again and again.
create table store_tasks (
  store text not null references stores,
  task text not null check (task in ('reconcile', 'gaps', 'orders', 'webhooks', 'silence', 'learn', 'notices')),
  due_at timestamptz not null default clock_timestamp(),
  done_at timestamptz,
  tries integer not null default 0,
  last_error text,
  primary key (store, task)
);
create index store_tasks_due on store_tasks (store, due_at);

-- One row for each secret that deliveries may be signed with; webhook_id is null until it is known.
create table store_webhooks (
  id bigint generated always as identity primary key,
  store text not null references stores,
  webhook_id bigint,
  topic text not null,
  secret bytea not null,
  status text not null default 'unknown',
  delivery_url text,
  checked_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  unique (store, webhook_id)
);

-- Every delivery, as it came.
create table store_events (
  id bigint generated always as identity primary key,
  store text not null references stores,
  dedupe_key bytea not null check (octet_length(dedupe_key) = 32),
  topic text not null,
  webhook_id bigint,
  delivery_id text,
  headers jsonb not null,
  body bytea not null check (octet_length(body) <= 5242880),
  -- How long the body was, where it was not kept whole.
  body_bytes integer not null,
  received_at timestamptz not null default clock_timestamp(),
  -- Its signature was right.
  verified boolean not null,
  -- What became of it; null until it is applied.
  outcome text,
  applied_at timestamptz,
  order_id bigint,
  unique (store, dedupe_key),
  check ((outcome is null) = (applied_at is null))
);
create index store_events_open on store_events (store, id) where outcome is null and verified;
create index store_events_received on store_events (store, received_at);
create index store_events_order on store_events (store, order_id) where order_id is not null;
create index store_events_unverified on store_events (store, id) where not verified;

create table store_orders (
  store text not null references stores,
  order_id bigint not null check (order_id >= 0),
  status text not null,
  number text not null,
  currency text not null,
  total numeric not null,
  created_via text not null,
  payment_method text not null,
  -- In the store's time, whole seconds.
  created_at timestamptz not null,
  modified_at timestamptz not null,
  paid_at timestamptz,
  completed_at timestamptz,
  -- When it entered its status, in the store's time.
  status_since timestamptz not null,
  snapshot jsonb not null,
  snapshot_hash bytea not null check (octet_length(snapshot_hash) = 32),
  first_seen text not null check (first_seen in ('created', 'updated', 'adopted', 'reconcile', 'gap', 'import')),
  first_seen_at timestamptz not null default clock_timestamp(),
  created_event_at timestamptz,
  -- Two snapshots of one second differ: the store is asked.
  disputed boolean not null default false,
  -- The latest change that a delivery told of, in the store's time; null while only the store's API has.
  heard_modified_at timestamptz,
  -- When it is judged whether the deliveries of what is known of it have come; null where that is settled.
  judged_due_at timestamptz,
  -- The watch: when it is looked at next, since when, how often, and when people were told that it is stuck.
  due_at timestamptz,
  since timestamptz,
  tries integer not null default 0,
  alerted_at timestamptz,
  primary key (store, order_id)
);
create index store_orders_due on store_orders (store, due_at) where due_at is not null;
create index store_orders_judged_due on store_orders (store, judged_due_at) where judged_due_at is not null;
create index store_orders_modified on store_orders (store, modified_at);
create index store_orders_created on store_orders (store, created_at);

-- One row per stay in a status, in the store's time.
create table store_order_steps (
  store text not null,
  order_id bigint not null,
  n integer not null check (n >= 1),
  status text not null,
  entered_at timestamptz not null,
  left_at timestamptz,
  payment_method text not null,
  -- It was left by an update that was lost; left_at is what the store says.
  healed boolean not null default false,
  -- Part of a confirmed incident: nothing is learned from it.
  excluded boolean not null default false,
  primary key (store, order_id, n),
  foreign key (store, order_id) references store_orders,
  check (left_at >= entered_at)
);
create unique index store_order_steps_open on store_order_steps (store, order_id) where left_at is null;
create index store_order_steps_left on store_order_steps (store, status, left_at);

-- What happened to an order, and what was decided about it.
create table store_order_trail (
  id bigint generated always as identity primary key,
  store text not null references stores,
  order_id bigint not null,
  at timestamptz not null default clock_timestamp(),
  what text not null,
  detail jsonb not null default '{}'
);
create index store_order_trail_order on store_order_trail (store, order_id, id);
create trigger store_order_trail_append_only before update on store_order_trail
  for each row execute function refuse_change();

-- Ids of which nothing was heard, and what the store said of them.
create table store_ids (
  store text not null references stores,
  order_id bigint not null,
  class text not null default 'waiting'
    check (class in ('explained', 'draft', 'deleted', 'lost', 'unknown', 'waiting')),
  noted_at timestamptz not null default clock_timestamp(),
  -- When the store is asked, or asked again.
  due_at timestamptz,
  tries integer not null default 0,
  primary key (store, order_id),
  check (class <> 'waiting' or due_at is not null)
);
create index store_ids_due on store_ids (store, due_at) where due_at is not null;

-- Jumps of ids too large to ask for one by one: all orders of the time around them are listed instead.
create table store_jumps (
  store text not null references stores,
  after_id bigint not null,
  before_id bigint not null,
  due_at timestamptz,
  found integer,
  primary key (store, after_id, before_id)
);
create index store_jumps_due on store_jumps (store, due_at) where due_at is not null;

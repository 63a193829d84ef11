-- What is wrong with a store, and who was told. Of each kind and cause at most one is open per store.
create table incidents (
  id bigint generated always as identity primary key,
  store text not null references stores,
  kind text not null check (kind in ('created_missing', 'order_stuck', 'orders_lost', 'webhook_off', 'silence', 'bad_signature',
    'store_errors', 'slip_missing', 'store_unreachable', 'mass_stall', 'channel_failing')),
  -- Tells apart what is wrong at the same time for different reasons: a webhook, a burst of losses, a channel.
  cause text not null check (cause <> '' and length(cause) <= 200),
  -- `info` is told in the daily digest only.
  severity text not null default 'alert' check (severity in ('alert', 'info')),
  summary text not null check (summary <> '' and length(summary) <= 1000),
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  opened_at timestamptz not null default clock_timestamp(),
  raised_at timestamptz not null default clock_timestamp(),
  -- Null while the store was not asked or did not answer.
  verified_at timestamptz,
  -- When something was last added that people were not told: an order, or that it is verified.
  news_at timestamptz not null default clock_timestamp(),
  healed_at timestamptz,
  healed_by text check (healed_by in ('itself', 'operator')),
  -- 'infinity' for as long as it is open.
  muted_until timestamptz,
  -- How many notices were given, and when the last one was.
  step integer not null default 0 check (step >= 0),
  told_at timestamptz,
  -- When it is next looked at whether a notice is due; null when nothing more is to be told.
  due_at timestamptz default clock_timestamp(),
  check ((healed_at is null) = (healed_by is null)),
  check ((step = 0) = (told_at is null))
);
create unique index incidents_one_open on incidents (store, kind, cause) where healed_at is null;
create index incidents_due on incidents (store, due_at) where due_at is not null;
create index incidents_listed on incidents (store, id);

-- The orders that an incident is about. No reference to orders: lost ones are not known yet.
create table incident_orders (
  incident_id bigint not null references incidents,
  order_id bigint not null,
  added_at timestamptz not null default clock_timestamp(),
  healed_at timestamptz,
  primary key (incident_id, order_id)
);

-- One row per notice: the first, its repeats, and that all is well again. Each follows the one before.
create table incident_notices (
  incident_id bigint not null references incidents,
  step integer not null check (step >= 1),
  what text not null check (what in ('opened', 'repeated', 'resolved')),
  at timestamptz not null default clock_timestamp(),
  previous integer generated always as (case when step > 1 then step - 1 end) stored,
  primary key (incident_id, step),
  foreign key (incident_id, previous) references incident_notices (incident_id, step),
  check ((what = 'opened') = (step = 1))
);
create unique index incident_notices_one_resolved on incident_notices (incident_id) where what = 'resolved';

-- Where people of a store are told: addresses for mail, a webhook for chat.
create table channels (
  id bigint generated always as identity primary key,
  store text not null references stores,
  kind text not null check (kind in ('mail', 'chat')),
  name text not null check (name <> '' and length(name) <= 100),
  settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
  -- Encrypted: the address of a chat's webhook lets anybody write to it.
  secret bytea check ((kind = 'chat') = (secret is not null)),
  created_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  -- Health: failures since the last success.
  failures integer not null default 0 check (failures >= 0),
  failing_since timestamptz,
  last_error text,
  last_sent_at timestamptz,
  -- Nothing is sent before: the service asked for a pause.
  paused_until timestamptz,
  check ((failures = 0) = (failing_since is null))
);
create unique index channels_name on channels (store, name) where removed_at is null;

-- One message to one channel.
create table notifications (
  id bigint generated always as identity primary key,
  store text not null references stores,
  channel_id bigint not null references channels,
  what text not null check (what in ('incidents', 'digest', 'test')),
  -- What is told, as of when it was decided.
  content jsonb not null check (jsonb_typeof(content) = 'object'),
  -- Of a digest: its day in the store's zone.
  day date,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'given_up')),
  due_at timestamptz not null default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  tries integer not null default 0 check (tries >= 0),
  -- Numbered leases: only the newest may record what became of it.
  lease integer not null default 0,
  leased_until timestamptz,
  last_error text,
  unique (channel_id, id),
  check ((state = 'waiting') = (ended_at is null)),
  check ((what = 'digest') = (day is not null))
);
create index notifications_waiting on notifications (store, due_at) where state = 'waiting';
create unique index notifications_one_digest on notifications (channel_id, day) where what = 'digest';

-- A notice is told once per channel, whatever message it is in.
create table notification_notices (
  channel_id bigint not null,
  incident_id bigint not null,
  step integer not null,
  notification_id bigint not null,
  primary key (channel_id, incident_id, step),
  foreign key (incident_id, step) references incident_notices,
  foreign key (channel_id, notification_id) references notifications (channel_id, id)
);
create index notification_notices_message on notification_notices (notification_id);

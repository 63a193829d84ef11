-- How long an order may stay in a status before the store is asked (verify) and people are told (alert): learned, version by version.

-- What a store says of itself. Without a row: Monday to Friday, 9 to 17 in its zone.
create table threshold_settings (
  store text primary key references stores,
  -- Seven arrays from Monday, each of [from, to] in minutes after local midnight.
  week jsonb not null check (jsonb_typeof(week) = 'array' and jsonb_array_length(week) = 7),
  -- Local dates without opening hours.
  holidays date[] not null default '{}',
  -- How many false alarms a day are accepted of one status. Null: one in a hundred orders.
  alarms_per_day double precision check (alarms_per_day > 0),
  -- How long an order is believed to take before anything is learned.
  median_hours double precision not null default 8 check (median_hours between 0.1 and 720)
);

create table threshold_versions (
  version bigint generated always as identity primary key,
  store text not null references stores,
  status text not null,
  -- Null: for all that have no version of their own from the same time.
  payment_method text,
  -- In the store's time.
  made_at timestamptz not null,
  clock text not null check (clock in ('business', 'wall')),
  -- Stays that had ended, and others, known by then.
  exits integer not null check (exits >= 0),
  censored integer not null check (censored >= 0),
  verify_p double precision not null check (verify_p > 0 and verify_p < 1),
  verify_method text not null,
  verify_hours double precision not null check (verify_hours > 0),
  -- What the data said, before bounds and the limit of change; null when nothing was learned.
  verify_learned_hours double precision,
  alert_p double precision not null check (alert_p > 0 and alert_p < 1),
  alert_method text not null,
  alert_hours double precision not null check (alert_hours >= verify_hours),
  alert_learned_hours double precision,
  -- False alarms a day that are to be expected.
  alarms_per_day double precision not null check (alarms_per_day >= 0),
  -- Why nothing was learned.
  refused text check (refused in ('too_few_exits', 'history_too_short')),
  -- Many orders were stuck at once: what was in force stays.
  frozen boolean not null,
  check (verify_method in ('kaplan-meier', 'log-normal', 'default', 'kept')),
  check (alert_method in ('kaplan-meier', 'log-normal', 'default', 'kept')),
  check ((refused is null and not frozen) = (verify_learned_hours is not null)),
  check ((verify_learned_hours is null) = (alert_learned_hours is null)),
  check ((verify_learned_hours is null) = (verify_method in ('default', 'kept'))),
  check ((alert_learned_hours is null) = (alert_method in ('default', 'kept')))
);
-- One version of each at a time; an empty payment method is one, too.
create unique index threshold_versions_once on threshold_versions
  (store, status, made_at desc, (coalesce(payment_method, '')), (payment_method is null));
create index threshold_versions_newest on threshold_versions (store, version desc);
create trigger threshold_versions_append_only before update or delete on threshold_versions
  for each row execute function refuse_change();

-- What is learned from: the stays of the last ninety days.
create index store_order_steps_entered on store_order_steps (store, status, entered_at);

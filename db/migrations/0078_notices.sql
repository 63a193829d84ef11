-- What accounts are told, and what an item asks to be done later.

-- What follows from an action that is paid, and from an attempt that has failed: written with that, and done once.
create unique index effects_after_paid on effects (action_id) where kind = 'after_paid';
create unique index effects_after_failed on effects (action_id, attempt) where kind = 'after_failed';
create index effects_after on effects (due_at, id) where done_at is null and kind in ('after_paid', 'after_failed');
create index effects_done on effects (done_at) where done_at is not null;

create table notices (
  id bigint generated always as identity primary key,
  account uuid not null references accounts,
  kind text not null,
  -- What it is about: an account is told of each thing once. What adds up (zaps of an item) is one notice that grows.
  key text not null check (length(key) <= 200),
  item_id bigint references items,
  action_id uuid references actions,
  -- Whose doing it is; of what adds up, the latest.
  by_account uuid references accounts,
  -- Together, where it adds up.
  amount_msat bigint check (amount_msat >= 0),
  times integer not null default 1 check (times >= 1),
  detail jsonb not null default '{}',
  -- Of the latest change.
  at timestamptz not null default clock_timestamp(),
  read_at timestamptz,
  dismissed_at timestamptz,
  unique (account, key)
);
create index notices_listed on notices (account, at desc, id desc) where dismissed_at is null;
create index notices_unread on notices (account) where read_at is null and dismissed_at is null;
create index notices_item on notices (item_id) where item_id is not null;

-- What a text asks for by `@delete in` or `@remindme in`. Counted from the payment of the text that asks for it.
create table item_timers (
  id bigint generated always as identity primary key,
  item_id bigint not null references items,
  kind text not null check (kind in ('DELETE', 'REMIND')),
  -- Who is reminded, or told that it was understood; null for an author without an account.
  account uuid references accounts,
  counted_from timestamptz not null,
  runs_at timestamptz not null check (runs_at >= counted_from),
  state text not null default 'WAITING' check (state in ('WAITING', 'DONE', 'CANCELLED')),
  -- When its workflow should have attended to it.
  due_at timestamptz,
  sweeps integer not null default 0,
  swept_for timestamptz,
  swept_at timestamptz,
  unique (item_id, kind, counted_from),
  check ((state = 'WAITING') = (due_at is not null)),
  check (kind = 'DELETE' or account is not null)
);
create unique index item_timers_one on item_timers (item_id, kind) where state = 'WAITING';
create index item_timers_due on item_timers (due_at) where due_at is not null;

-- Failed payments: tried again by the system for a while, or shown to their payer.

alter table account_settings
  -- A wallet of the account pays invoices without being asked: what fails is tried again for it.
  add column retry_automatically boolean not null default false;

-- How often an action was tried again without its author: a try counts also where it could not be set up.
create table automatic_retries (
  action_id uuid primary key references actions,
  tries integer not null check (tries >= 1),
  last_at timestamptz not null default clock_timestamp(),
  last_error text
);

-- What the payer has seen, and does not want to see again, of the attempt that failed.
create table failed_payment_marks (
  action_id uuid primary key references actions,
  attempt integer not null,
  read_at timestamptz not null default clock_timestamp(),
  dismissed_at timestamptz,
  foreign key (action_id, attempt) references attempts
);

create index attempts_failed on attempts (changed_at) where state = 'FAILED' and payer is not null;
create index attempts_failed_of on attempts (payer, changed_at desc, action_id) where state = 'FAILED' and payer is not null;

-- The newest attempt of each action of an account, where it has failed. `shown`: the types that accounts open; `automatic`: those that
-- the system tries again. Exactly one of `retries`, `dismissed` and neither (a notice) holds.
create function failed_payments(shown text[], automatic text[], at timestamptz)
returns table (action_id uuid, attempt integer, type text, account uuid, reason text, failed_at timestamptz, cost_msat bigint,
  retries boolean, dismissed boolean, read boolean)
language sql stable as $$
  select s.id, a.attempt, s.type, a.payer, a.reason, a.changed_at, s.cost_msat,
    r.would and m.dismissed_at is null, m.dismissed_at is not null, m.action_id is not null
  from attempts a
  join actions s on s.id = a.action_id
  left join account_settings w on w.account = a.payer
  left join automatic_retries t on t.action_id = s.id
  left join failed_payment_marks m on m.action_id = a.action_id and m.attempt = a.attempt
  cross join lateral (select s.type = any(automatic) and coalesce(w.retry_automatically, false)
    and a.reason is distinct from 'USER_CANCELLED' and a.changed_at > at - interval '1 hour'
    and coalesce(t.tries, 0) < 5 and not s.emptied as would) r
  where a.state = 'FAILED' and a.payer is not null and s.parent is null and s.type = any(shown)
    and not exists (select from attempts n where n.action_id = a.action_id and n.attempt > a.attempt)
$$;

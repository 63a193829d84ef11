-- What acts on items, and how it is counted.

create index exclusive_keys_until on exclusive_keys (until) where until is not null;

create table item_acts (
  action_id uuid primary key references actions,
  kind text not null check (kind in ('DOWN_ZAP', 'BOOST')),
  item_id bigint not null references items,
  actor uuid not null references accounts,
  amount_msat bigint not null check (amount_msat > 0),
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default now()
);
create index item_acts_item on item_acts (item_id, kind) where state = 'PAID';
create index zaps_actor on zaps (actor, item_id) where state <> 'FAILED' and actor is not null;

-- What an account has paid for and against an item.
create table item_votes (
  item_id bigint not null references items,
  account_id uuid not null references accounts,
  zapped_msat bigint not null default 0 check (zapped_msat >= 0),
  down_msat bigint not null default 0 check (down_msat >= 0),
  primary key (item_id, account_id)
);

-- Changes of counters that are not summed up yet: paying for a hot item or below it waits for nobody.
create table item_deltas (
  id bigint generated always as identity primary key,
  item_id bigint not null references items,
  at timestamptz not null default clock_timestamp(),
  zaps integer not null default 0,
  zappers integer not null default 0,
  zapped_msat bigint not null default 0,
  cost_msat bigint not null default 0,
  boost_msat bigint not null default 0,
  down_msat bigint not null default 0,
  weighted_votes double precision not null default 0,
  weighted_down_votes double precision not null default 0,
  comments integer not null default 0,
  direct_comments integer not null default 0,
  comment_zapped_msat bigint not null default 0,
  comment_cost_msat bigint not null default 0,
  comment_boost_msat bigint not null default 0,
  comment_down_msat bigint not null default 0,
  last_comment_at timestamptz
);
create index item_deltas_item on item_deltas (item_id);

-- The counters of items as of now.
create view item_counters as
select i.id,
  (i.zaps + d.zaps)::integer as zaps, (i.zappers + d.zappers)::integer as zappers,
  (i.zapped_msat + d.zapped_msat)::bigint as zapped_msat, (i.cost_msat + d.cost_msat)::bigint as cost_msat,
  (i.boost_msat + d.boost_msat)::bigint as boost_msat, (i.down_msat + d.down_msat)::bigint as down_msat,
  i.weighted_votes + d.weighted_votes as weighted_votes, i.weighted_down_votes + d.weighted_down_votes as weighted_down_votes,
  (i.comments + d.comments)::integer as comments, (i.direct_comments + d.direct_comments)::integer as direct_comments,
  (i.comment_zapped_msat + d.comment_zapped_msat)::bigint as comment_zapped_msat,
  (i.comment_cost_msat + d.comment_cost_msat)::bigint as comment_cost_msat,
  (i.comment_boost_msat + d.comment_boost_msat)::bigint as comment_boost_msat,
  (i.comment_down_msat + d.comment_down_msat)::bigint as comment_down_msat,
  greatest(i.last_comment_at, d.last_comment_at) as last_comment_at
from items i cross join lateral (
  select coalesce(sum(zaps), 0) as zaps, coalesce(sum(zappers), 0) as zappers, coalesce(sum(zapped_msat), 0) as zapped_msat,
    coalesce(sum(cost_msat), 0) as cost_msat, coalesce(sum(boost_msat), 0) as boost_msat, coalesce(sum(down_msat), 0) as down_msat,
    coalesce(sum(weighted_votes), 0) as weighted_votes, coalesce(sum(weighted_down_votes), 0) as weighted_down_votes,
    coalesce(sum(comments), 0) as comments, coalesce(sum(direct_comments), 0) as direct_comments,
    coalesce(sum(comment_zapped_msat), 0) as comment_zapped_msat, coalesce(sum(comment_cost_msat), 0) as comment_cost_msat,
    coalesce(sum(comment_boost_msat), 0) as comment_boost_msat, coalesce(sum(comment_down_msat), 0) as comment_down_msat,
    max(last_comment_at) as last_comment_at
  from item_deltas where item_id = i.id) d;

-- Who has voted in a poll, and what was voted: nothing joins the two once the vote is paid.
create table poll_ballots (
  action_id uuid primary key references actions,
  item_id bigint not null references items,
  account_id uuid not null references accounts,
  state text not null check (state in ('PENDING', 'PAID', 'FAILED'))
);
create unique index poll_ballots_one on poll_ballots (item_id, account_id) where state <> 'FAILED';
create table poll_votes (
  id uuid primary key default gen_random_uuid(),
  -- Null once it is paid.
  action_id uuid unique references actions,
  option_id bigint not null references poll_options,
  state text not null check (state in ('PENDING', 'PAID', 'FAILED'))
);
create index poll_votes_option on poll_votes (option_id) where state = 'PAID';

-- Changes of items, made when they are paid.
create table item_edits (
  action_id uuid primary key references actions,
  item_id bigint not null references items,
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default clock_timestamp()
);
create index item_edits_item on item_edits (item_id);

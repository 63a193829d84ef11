-- Items of every kind: posts, comments and bios. What the release before writes is still possible beside it.

-- What is free is an action too: it is performed and PAID in the transaction that opens it, and moves no money.
alter table actions drop constraint if exists actions_cost_msat_check;
alter table actions add constraint actions_cost_msat_check check (cost_msat >= 0);
alter table attempts drop constraint if exists attempts_cost_msat_check;
alter table attempts add constraint attempts_cost_msat_check check (cost_msat > 0 or (cost_msat = 0 and flow = 'credits' and state = 'PAID'));
drop trigger attempts_money on attempts;
create constraint trigger attempts_money after insert or update of state on attempts
  deferrable initially deferred for each row when (new.state in ('PAID', 'FAILED') and new.cost_msat > 0) execute function check_over();

alter table items
  add column kind text not null default 'discussion'
    check (kind in ('link', 'discussion', 'poll', 'bounty', 'job', 'comment', 'bio')),
  alter column title drop not null,
  add column parent_id bigint references items,
  -- The ids of its ancestors, the post first.
  add column path bigint[] not null default '{}',
  -- Names, in lower case: of a comment those of its post.
  add column territories text[] not null default '{}' check (cardinality(territories) <= 5),
  -- What was paid for it, less its boost.
  add column cost_msat bigint not null default 0 check (cost_msat >= 0),
  add column freebie boolean not null default false,
  add column bounty_msat bigint check (bounty_msat > 0),
  add column poll_cost_msat bigint check (poll_cost_msat > 0),
  add column poll_ends_at timestamptz,
  add column job jsonb,
  -- A job that is not promoted for now is seen by its author only.
  add column stopped_at timestamptz,
  add column edited_at timestamptz,
  -- Blanked by its author.
  add column deleted_at timestamptz,
  add check ((parent_id is not null) = (kind = 'comment')),
  add check ((parent_id is null) = (path = '{}')),
  add check ((title is null) = (kind = 'comment')),
  add check (kind = 'bounty' or bounty_msat is null),
  add check (kind = 'poll' or (poll_cost_msat is null and poll_ends_at is null)),
  add check (kind = 'job' or (job is null and stopped_at is null)),
  add check (deleted_at is null or (text = '' and url is null));

-- Counters. What has changed and is not summed up yet is in item_deltas.
alter table items
  add column zappers integer not null default 0,
  add column boost_msat bigint not null default 0 check (boost_msat >= 0),
  add column down_msat bigint not null default 0,
  add column weighted_votes double precision not null default 0,
  add column weighted_down_votes double precision not null default 0,
  add column comments integer not null default 0,
  add column direct_comments integer not null default 0,
  add column comment_zapped_msat bigint not null default 0,
  add column comment_cost_msat bigint not null default 0,
  add column comment_boost_msat bigint not null default 0,
  add column comment_down_msat bigint not null default 0,
  add column last_comment_at timestamptz,
  -- The rank of hot: a sum that halves every four hours, as of a time in seconds since 1970.
  add column hot_sum double precision not null default 0,
  add column hot_time double precision not null default 0;
update items i set cost_msat = a.cost_msat from actions a where a.id = i.action_id;
update items set kind = 'link' where url is not null;
with contributions as (
  select id, cost_msat / 1000.0 as sats, extract(epoch from paid_at)::float8 as at from items where state = 'PAID'
  union all
  select item_id, amount_msat / 1000.0, extract(epoch from created_at)::float8 from zaps where state = 'PAID'),
latest as (select id, max(at) as at from contributions group by id)
update items i set hot_time = h.at, hot_sum = h.sum from (
  select c.id, l.at, sum(c.sats * power(2, greatest(-700, (c.at - l.at) / 14400)))::float8 as sum
  from contributions c join latest l using (id) group by c.id, l.at) h
where h.id = i.id;

alter table items
  -- Grows for ever with what is paid for the item, and a part of what is paid for its comments.
  add column top_msat bigint generated always as (cost_msat + zapped_msat + boost_msat
    + (comment_zapped_msat + comment_cost_msat + comment_boost_msat) / 4 - down_msat - comment_down_msat / 10) stored,
  -- Comparable at any time, and never computed again as time passes.
  add column hot_key double precision generated always as (case
    when hot_sum > 0 then ln(hot_sum) + ln(2.0::float8) / 14400 * hot_time
    when hot_sum < 0 then -(ln(-hot_sum) + ln(2.0::float8) / 14400 * hot_time) else 0 end) stored,
  -- In lists of posts.
  add column listed boolean generated always as (state = 'PAID' and parent_id is null and kind <> 'bio'
    and deleted_at is null and stopped_at is null) stored;

create index items_recent on items (paid_at desc, id desc) where listed;
create index items_hot on items (hot_key desc, id desc) where listed;
create index items_top on items (top_msat desc, id desc) where listed;
create index items_comments_top on items (parent_id, top_msat desc, id desc) where parent_id is not null;
create index items_comments_hot on items (parent_id, hot_key desc, id desc) where parent_id is not null;
create index items_comments_recent on items (parent_id, id desc) where parent_id is not null;
create index items_author_recent on items (author, created_at) where author is not null;
create unique index items_one_bio on items (author) where kind = 'bio' and state = 'PAID' and deleted_at is null;

-- Its own cost and boost count from its payment on.
create function start_hot() returns trigger language plpgsql as $$
begin
  if new.state = 'PAID' and new.hot_time = 0 then
    new.hot_sum := (new.cost_msat + new.boost_msat) / 1000.0;
    new.hot_time := extract(epoch from new.paid_at);
  end if;
  return new;
end $$;
create trigger items_start_hot before insert or update of state on items for each row execute function start_hot();

create table item_forwards (
  item_id bigint not null references items,
  account_id uuid not null references accounts,
  percent integer not null check (percent between 1 and 100),
  primary key (item_id, account_id)
);
create function check_forwards() returns trigger language plpgsql as $$
begin
  if (select count(*) > 5 or sum(percent) > 100 from item_forwards where item_id = new.item_id) then
    raise exception 'item % forwards more than it gets', new.item_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger item_forwards_sum after insert or update on item_forwards
  deferrable initially deferred for each row execute function check_forwards();

create table poll_options (
  id bigint generated always as identity primary key,
  item_id bigint not null references items,
  n integer not null check (n between 1 and 10),
  text text not null,
  unique (item_id, n),
  unique (item_id, text)
);

-- Free comments of an account in a month of UTC.
create table free_comments (
  account_id uuid not null references accounts,
  month date not null,
  n integer not null check (n between 1 and 5),
  primary key (account_id, month)
);

-- Limits against spam. One row.
create table item_rules (
  one boolean primary key default true check (one),
  -- Each item of the same author and place within this time makes the next ten times as expensive.
  spam_seconds integer not null default 600 check (spam_seconds >= 0),
  -- The same item again is refused for so long.
  duplicate_seconds integer not null default 600 check (duplicate_seconds >= 0),
  -- The author's newest items must not be all unpaid, if they are that many. Null: they may.
  unpaid_in_a_row integer default 3 check (unpaid_in_a_row > 0)
);
insert into item_rules default values;

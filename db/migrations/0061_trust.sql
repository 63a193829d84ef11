-- Whose votes weigh how much, by territory. What is in no territory is in the one without a name.

create table trust_seeds (account_id uuid primary key references accounts);

create table trust_values (
  territory text not null,
  account_id uuid not null references accounts,
  post_by_seeds double precision not null check (post_by_seeds between 0 and 1),
  post_by_founder double precision not null check (post_by_founder between 0 and 1),
  comment_by_seeds double precision not null check (comment_by_seeds between 0 and 1),
  comment_by_founder double precision not null check (comment_by_founder between 0 and 1),
  primary key (territory, account_id)
);

-- A computation goes on where it stopped, whichever process continues it.
create table trust_runs (
  id bigint generated always as identity primary key,
  territory text not null,
  -- Votes until then count, so that it sees the same ones when it goes on.
  at timestamptz not null default clock_timestamp(),
  finished_at timestamptz
);
create unique index trust_runs_one_open on trust_runs (territory) where finished_at is null;
create index trust_runs_finished on trust_runs (territory, finished_at);

-- The edges from one account, of a run that is not finished.
create table trust_edges (
  run_id bigint not null references trust_runs on delete cascade,
  kind text not null check (kind in ('post', 'comment')),
  account_id uuid not null,
  targets uuid[] not null,
  weights double precision[] not null,
  primary key (run_id, kind, account_id),
  check (cardinality(targets) = cardinality(weights))
);

-- How much a vote weighs. A seed weighs 1 where nothing was computed for it.
create function vote_weight(voter uuid, territories text[], kind text) returns double precision language sql stable
return coalesce(
  (select max(case when kind = 'comment' then v.comment_by_seeds else v.post_by_seeds end) from trust_values v
   where v.account_id = voter and v.territory = any(case when territories = '{}' then array[''] else territories end)),
  (select 1 from trust_seeds s where s.account_id = voter), 0);

-- The edges of a computation that is not finished, as numbers of voters: ten thousand accounts may have tens of millions of them. What
-- was begun is begun again. Unlogged: a computation that loses them computes them again.
drop table trust_edges;
delete from trust_runs where finished_at is null;

-- Who has which number: the order of the array, from 0.
create table trust_voters (
  run_id bigint not null references trust_runs on delete cascade,
  kind text not null check (kind in ('post', 'comment')),
  accounts uuid[] not null,
  primary key (run_id, kind)
);

-- Of the account with a number: the numbers of those whom it trusts (int32, little endian) and how much (float32, little endian).
create unlogged table trust_edges (
  run_id bigint not null,
  kind text not null check (kind in ('post', 'comment')),
  voter integer not null check (voter >= 0),
  targets bytea not null,
  weights bytea not null,
  primary key (run_id, kind, voter),
  check (length(targets) = length(weights))
);

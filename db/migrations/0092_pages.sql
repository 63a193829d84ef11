-- Sessions of browsers. A session acts by a token and ends with it; the cookie holds its id, and only the hash of that is stored.
create table page_sessions (
  id_hash bytea primary key check (octet_length(id_hash) = 32),
  token_hash bytea not null references api_tokens,
  -- The token was made for this session alone: it ends with the session.
  owns_token boolean not null,
  created_at timestamptz not null default clock_timestamp()
);
create index page_sessions_created on page_sessions (created_at);
create index page_sessions_token on page_sessions (token_hash);

-- Failed attempts that their payer does not want to be shown any more.
create table dismissed_failures (
  action_id uuid not null,
  attempt integer not null,
  at timestamptz not null default clock_timestamp(),
  primary key (action_id, attempt),
  foreign key (action_id, attempt) references attempts
);

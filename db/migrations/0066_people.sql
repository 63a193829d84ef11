-- Who may sign up without an operator, and how they are told what is new.

create table account_settings (
  account uuid primary key references accounts,
  -- Below it, what an account receives becomes credits also where it has a wallet.
  receive_credits_below_msat bigint not null default 10000 check (receive_credits_below_msat >= 0),
  -- Below it, what an account sends is paid by its balance where that covers it.
  send_credits_below_msat bigint not null default 10000 check (send_credits_below_msat >= 0),
  -- Wallets of the account are not told what a payment is for.
  hide_descriptions boolean not null default false,
  -- Everything that was paid before has been seen.
  seen_at timestamptz not null default clock_timestamp()
);

create table follows (
  account uuid not null references accounts,
  followed uuid not null references accounts,
  at timestamptz not null default clock_timestamp(),
  primary key (account, followed),
  check (account <> followed)
);
create table mutes (
  account uuid not null references accounts,
  muted uuid not null references accounts,
  at timestamptz not null default clock_timestamp(),
  primary key (account, muted),
  check (account <> muted)
);
create table territory_follows (
  account uuid not null references accounts,
  territory bigint not null references territories,
  at timestamptz not null default clock_timestamp(),
  primary key (account, territory)
);

-- Sign-ups of the last hours, for limits: by network, as a keyed hash.
create table signups (
  id bigint generated always as identity primary key,
  origin bytea not null check (octet_length(origin) = 16),
  at timestamptz not null default clock_timestamp()
);
create index signups_origin on signups (origin, at);
create index signups_at on signups (at);

-- LNURL-auth (LUD-04): a wallet signs k1 by the key that it has for this site; whoever asked for k1 has the secret.
create table login_challenges (
  k1 bytea primary key check (octet_length(k1) = 32),
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  key bytea check (octet_length(key) = 33),
  -- Whoever asked for it, as a keyed hash of the network.
  origin bytea not null check (octet_length(origin) = 16),
  created_at timestamptz not null default clock_timestamp(),
  used_at timestamptz,
  check (used_at is null or key is not null)
);
create index login_challenges_at on login_challenges (created_at);
create index login_challenges_origin on login_challenges (origin, created_at);
create table login_keys (
  key bytea primary key check (octet_length(key) = 33),
  account uuid not null references accounts,
  created_at timestamptz not null default clock_timestamp()
);
create index login_keys_account on login_keys (account);

-- What was paid in a day, by type; filled when the day's rewards are closed.
create table action_days (
  day date not null,
  type text not null,
  actions bigint not null check (actions > 0),
  cost_msat numeric not null check (cost_msat > 0),
  primary key (day, type)
);

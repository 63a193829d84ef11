-- Who may ask, what must be told, and what has been applied.

create table accounts (
  id uuid primary key default gen_random_uuid(),
  name text not null unique check (name ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
  role text not null default 'user' check (role in ('user', 'operator')),
  created_at timestamptz not null default now()
);

-- Only the SHA-256 of a token is kept.
create table api_tokens (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  account_id uuid not null references accounts,
  label text not null default '',
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create index api_tokens_account on api_tokens (account_id);

-- Everything that must be told to NATS or Temporal, written in the transaction that made it true.
-- Rows of one ordering_key are delivered one at a time, by id: its writer holds the lock of the row they are about.
create table outbox (
  id bigint generated always as identity primary key,
  destination text not null check (destination in ('nats', 'temporal')),
  kind text not null check (kind in ('event', 'start', 'wake')),
  ordering_key text not null,
  subject text not null,
  payload jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  available_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  last_error text,
  published_at timestamptz,
  check ((destination = 'nats') = (kind = 'event'))
);
create index outbox_unpublished on outbox (destination, id) where published_at is null;
create index outbox_key on outbox (ordering_key, id) where published_at is null;
create index outbox_published on outbox (published_at) where published_at is not null;

-- The audit of every state change, append-only.
create table transitions (
  id bigint generated always as identity primary key,
  machine text not null,
  subject text not null,
  event text not null,
  from_state text,
  to_state text not null,
  reason text,
  at timestamptz not null default clock_timestamp()
);
create index transitions_subject on transitions (machine, subject, id);

create table idempotency_keys (
  scope bytea not null check (octet_length(scope) = 32),
  key text not null check (length(key) between 1 and 255),
  body_hash bytea not null check (octet_length(body_hash) = 32),
  thing_kind text not null,
  thing_id text not null,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);

-- Which messages a consumer has applied: JetStream's own window is short.
create table applied_messages (
  consumer text not null,
  message_id text not null,
  applied_at timestamptz not null default now(),
  primary key (consumer, message_id)
);
create index applied_messages_at on applied_messages (applied_at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger transitions_append_only before update or delete on transitions
  for each row execute function refuse_change();

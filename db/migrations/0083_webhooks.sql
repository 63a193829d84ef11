-- Webhooks (Standard Webhooks): what was announced about an account is sent to its endpoints, at least once each.

create table webhook_endpoints (
  id uuid primary key,
  account uuid not null references accounts,
  url text not null check (length(url) <= 2000),
  description text not null check (length(description) <= 200),
  -- Like `action.paid`, `action.*` or `*`.
  events text[] not null check (cardinality(events) between 1 and 50),
  -- v1: HMAC-SHA256 with a shared secret. v1a: Ed25519, the receiver has the public key only.
  signing text not null check (signing in ('v1', 'v1a')),
  -- Encrypted. The old one signs too, until its receiver has had the time to change.
  secret bytea not null,
  old_secret bytea,
  old_secret_until timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  -- Since when every try has failed.
  failing_since timestamptz,
  last_error text,
  disabled_at timestamptz,
  disabled_because text check (disabled_because in ('owner', 'failing', 'gone')),
  check ((old_secret is null) = (old_secret_until is null)),
  check ((disabled_at is null) = (disabled_because is null))
);
create index webhook_endpoints_account on webhook_endpoints (account, created_at);

-- Kept for accounts that have an endpoint, enabled or not: what was missed can be sent later.
create table webhook_events (
  id bigint generated always as identity primary key,
  -- The receiver's dedupe key: the same in every try and every replay, at every endpoint.
  message_id text not null unique default 'msg_' || replace(gen_random_uuid()::text, '-', ''),
  -- Null: public, for those who have asked for this type by name. No reference: whoever announces must wait for no lock and fail of nothing
  -- here.
  account uuid,
  type text not null,
  data jsonb not null,
  at timestamptz not null default clock_timestamp()
);
create index webhook_events_account on webhook_events (account, at);
create index webhook_events_at on webhook_events (at);

create table webhook_deliveries (
  -- No reference, as above: what is left of a deleted one is sent to nobody, and deleted with the event.
  endpoint uuid not null,
  event bigint not null references webhook_events on delete cascade,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
  -- Of tries since it was asked for: a replay begins anew.
  tries integer not null default 0 check (tries >= 0),
  due_at timestamptz not null default clock_timestamp(),
  -- Numbered: only the newest lease may record what became of it.
  lease integer not null default 0,
  leased_until timestamptz,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (endpoint, event)
);
create index webhook_deliveries_due on webhook_deliveries (endpoint, due_at) where state = 'waiting';
create index webhook_deliveries_leased on webhook_deliveries (endpoint) where leased_until is not null;
create index webhook_deliveries_event on webhook_deliveries (event);

-- The history. The answer's body is not kept: it is the receiver's, and could be that of a machine that is not meant to be asked.
create table webhook_tries (
  id bigint generated always as identity primary key,
  endpoint uuid not null,
  event bigint not null,
  at timestamptz not null default clock_timestamp(),
  duration_ms integer not null check (duration_ms >= 0),
  status integer check (status between 100 and 999),
  -- Null: it was delivered.
  error text check (length(error) <= 200),
  foreign key (endpoint, event) references webhook_deliveries on delete cascade
);
create index webhook_tries_delivery on webhook_tries (endpoint, event, at);

create function webhook_wants(wanted text[], event_type text, is_public boolean) returns boolean language sql immutable as $$
  select event_type = any(wanted) or split_part(event_type, '.', 1) || '.*' = any(wanted)
    or (not is_public and '*' = any(wanted))
$$;

-- What an event of the outbox is to accounts: its type, and whose it is. Null type: nobody's.
create function webhook_event_of(subject text, payload jsonb, out event_type text, out account text) language plpgsql immutable as $$
declare
  part text[] := string_to_array(subject, '.');
begin
  if part[1] = 'actions' and part[3] = 'wallet_failed' then
    event_type := 'wallet.failed';
    account := payload ->> 'owner';
  elsif part[1] = 'actions' then
    event_type := case when part[2] in ('withdrawal', 'auto_withdrawal') then 'withdrawal.' else 'action.' end || part[3];
    account := payload ->> 'actor';
  elsif part[1] = 'credits' and part[2] = 'actions' then
    event_type := 'credits.' || part[3];
    account := payload ->> 'address';
  elsif part[1] = 'transmissions' then
    event_type := 'transmission.' || part[3];
    return;
  end if;
  if account is null or account !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then event_type := null; end if;
end $$;

-- In the transaction that announces, whoever it is: no event is missed, and none is sent that was rolled back. Where nobody has an
-- endpoint, this is one look at an empty table.
create function webhook_fan_out() returns trigger language plpgsql as $$
begin
  if not exists (select from webhook_endpoints) then return null; end if;
  with announced as (
    select w.event_type, w.account::uuid as account, n.payload
    from added n cross join lateral webhook_event_of(n.subject, n.payload) w
    where n.destination = 'nats' and n.kind = 'event' and w.event_type is not null
    order by n.id),
  stored as (
    insert into webhook_events (account, type, data)
    select a.account, a.event_type, a.payload from announced a
    where exists (select from webhook_endpoints e where e.account = a.account)
      or (a.account is null
        and exists (select from webhook_endpoints e where webhook_wants(e.events, a.event_type, true)))
    returning id, account, type)
  insert into webhook_deliveries (endpoint, event)
  select e.id, s.id from stored s
  join webhook_endpoints e on e.account = s.account or s.account is null
  where e.disabled_at is null and webhook_wants(e.events, s.type, s.account is null);
  return null;
end $$;
create trigger webhook_fan_out after insert on outbox
  referencing new table as added for each statement execute function webhook_fan_out();

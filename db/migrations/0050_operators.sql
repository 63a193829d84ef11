-- Who may do what: roles beside users and operators, tokens with scopes and an end, frozen accounts, grants by two.

alter table accounts
  drop constraint accounts_role_check,
  add constraint accounts_role_check check (role in ('user', 'operator', 'support', 'finance', 'metrics')) not valid,
  add column frozen_at timestamptz,
  add column frozen_because text,
  add constraint accounts_frozen_because check ((frozen_at is null) = (frozen_because is null)) not valid;

alter table api_tokens
  -- Null: whatever the role of its account may do.
  add column scopes text[],
  add column expires_at timestamptz,
  add constraint api_tokens_scopes check (scopes <@ array
    ['own', 'read', 'accounts', 'grants', 'operators', 'stores', 'credits', 'payments', 'metrics']) not valid;

-- A table of its own: a token's row is not written by those who use it.
create table token_uses (
  token_hash bytea primary key references api_tokens,
  last_used_at timestamptz not null
);

-- Whoever can still manage operators over HTTP.
create function operator_remains() returns boolean language sql stable as $$
  select exists (
    select from accounts a join api_tokens t on t.account_id = a.id
    where a.role = 'operator' and a.frozen_at is null and t.revoked_at is null
      and (t.expires_at is null or t.expires_at > now()) and (t.scopes is null or 'operators' = any(t.scopes)))
$$;

create function keep_an_operator() returns trigger language plpgsql as $$
begin
  -- One after the other: of two that end each other, the second sees what the first has done.
  perform pg_advisory_xact_lock(7421842005);
  if not operator_remains() then
    raise exception 'the last operator would be gone' using errcode = 'check_violation', constraint = 'last_operator';
  end if;
  return null;
end $$;
create trigger accounts_keep_operator after update on accounts for each row
  when (old.role = 'operator' and old.frozen_at is null and (new.role <> 'operator' or new.frozen_at is not null))
  execute function keep_an_operator();

create function keep_operators_token() returns trigger language plpgsql as $$
begin
  if (select role from accounts where id = new.account_id) <> 'operator' then return null; end if;
  perform pg_advisory_xact_lock(7421842005);
  if not operator_remains() then
    raise exception 'the last token of operators would be gone'
      using errcode = 'check_violation', constraint = 'last_operator';
  end if;
  return null;
end $$;
create trigger api_tokens_keep_operator after update on api_tokens for each row
  when (old.revoked_at is null and new.revoked_at is not null) execute function keep_operators_token();

-- A frozen account opens nothing. Money that came late for an attempt of before is still taken.
create function refuse_frozen() returns trigger language plpgsql as $$
begin
  if exists (select from accounts where id = new.payer and frozen_at is not null) then
    raise exception 'the account is frozen' using errcode = 'check_violation', constraint = 'account_frozen';
  end if;
  return new;
end $$;
create trigger attempts_not_frozen before insert on attempts for each row
  when (new.payer is not null and new.flow <> 'late') execute function refuse_frozen();

-- Grants that need a second person.
create table pending_grants (
  id uuid primary key,
  account_id uuid not null references accounts,
  asset text not null check (asset in ('CREDITS', 'SATS')),
  amount_msat bigint not null check (amount_msat > 0),
  reason text not null,
  expires_at timestamptz,
  asked_by uuid not null references accounts,
  asked_at timestamptz not null default now(),
  state text not null default 'pending' check (state in ('pending', 'granted', 'rejected')),
  decided_by uuid references accounts,
  decided_at timestamptz,
  check ((state = 'pending') = (decided_by is null)),
  check ((decided_by is null) = (decided_at is null)),
  constraint pending_grants_second_person check (state <> 'granted' or decided_by <> asked_by),
  check (asset = 'CREDITS' or expires_at is null)
);
create index pending_grants_open on pending_grants (asked_at, id) where state = 'pending';

alter table credit_grants
  add column approved_by uuid references accounts,
  add constraint credit_grants_second_person check (approved_by <> granted_by) not valid;
-- What one operator has granted within a day.
create index credit_grants_granted_by on credit_grants (granted_by, created_at);

create table grant_reversals (
  grant_id uuid primary key references credit_grants,
  reversed_by uuid not null references accounts,
  because text not null,
  at timestamptz not null default now()
);
create trigger grant_reversals_append_only before update or delete on grant_reversals
  for each row execute function refuse_change();

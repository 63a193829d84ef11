-- Why credits were given: the ledger only knows that they were. The entry's key is `grant/<id>`.
create table credit_grants (
  id uuid primary key,
  account_id uuid not null references accounts,
  granted_by uuid not null references accounts,
  amount_msat bigint not null check (amount_msat > 0),
  reason text not null,
  created_at timestamptz not null default now()
);
create index credit_grants_account on credit_grants (account_id, created_at);

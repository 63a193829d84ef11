-- Sats above a threshold leave by themselves, to a wallet of their account.
create table auto_withdrawals (
  account uuid primary key references accounts,
  -- Whole sats. What is above it leaves.
  threshold_msat bigint not null check (threshold_msat >= 0 and threshold_msat % 1000 = 0),
  -- The newest one: while it is open, and for an hour after it failed, there is no other.
  last_action uuid references actions,
  -- Not tried before: somebody tries now, or no wallet was of use.
  not_before timestamptz not null default clock_timestamp(),
  -- Why the newest try opened no withdrawal.
  failure text,
  changed_at timestamptz not null default clock_timestamp()
);

-- Wallets that failed least go first.
create index payments_failed_of on payments (wallet, changed_at) where state = 'failed' and wallet is not null;

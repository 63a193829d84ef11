-- Invoices made by a gateway (Lightning Charge) at a node of its own, which chooses hash and preimage. The row in `invoices` keeps our
-- hash as its name; the gateway's id and hash are here.
alter table invoices
  -- Who makes it: null our node, else the gateway. Fixed at opening, so that a change of configuration does not mix them up.
  add column gateway text check (gateway in ('charge')),
  drop constraint invoices_amount_msat_check,
  -- A gateway takes 0 as any amount; our node takes none.
  add constraint invoices_amount check (amount_msat > 0 or (amount_msat = 0 and gateway is not null));

-- One row for each call that asks for an invoice, written before it. `asked`: no answer came: one that nobody has seen may exist there.
-- `shown`: the one of its order. `orphan`: it exists and is shown to nobody, since another is, its order is over, or its callback
-- could not be registered.
create table gateway_invoices (
  call bigint generated always as identity primary key,
  hash text not null references invoices,
  state text not null default 'asked' check (state in ('asked', 'shown', 'orphan', 'refused')),
  -- By what the gateway names it, and what pays it.
  id text unique,
  payment_hash text,
  -- As the gateway answered, word for word: clients are shown it.
  answer jsonb,
  asked_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  -- The gateway told of a payment after we had closed it, or of an orphan's.
  late_at timestamptz,
  check ((state in ('shown', 'orphan')) = (id is not null)),
  check ((id is null) = (answer is null))
);
create unique index gateway_invoices_shown on gateway_invoices (hash) where state = 'shown';
create index gateway_invoices_hash on gateway_invoices (hash);
create unique index gateway_invoices_payment on gateway_invoices (payment_hash) where payment_hash is not null and state = 'shown';
create index gateway_invoices_loose on gateway_invoices (asked_at) where state in ('asked', 'orphan');
-- Nobody tells when one of a gateway expires.
create index invoices_gateway_open on invoices (expires_at) where gateway is not null and state = 'open';

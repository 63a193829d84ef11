-- Where the watcher of a node goes on: everything up to `cursor` has been published. A node is named
-- by its public key, since its cursors mean nothing to another.
create table lightning_cursors (
  node text primary key,
  cursor bigint not null check (cursor >= 0),
  -- The installation's epoch when it was written: says from which data a restored row is.
  epoch bigint not null
);

-- The simulated node and the payers around it. Nothing outside services/lightning reads these tables.
create schema lightning_sim;

create domain lightning_sim.hex32 as text check (value ~ '^[0-9a-f]{64}$');

-- One row. Locked first by every change of state: a node does one thing after another, and an event
-- with a higher cursor is never committed before one with a lower.
create table lightning_sim.node (
  only_row boolean primary key default true check (only_row),
  last_cursor bigint not null default 0
);

insert into lightning_sim.node default values;

-- Who has money: the node, the payers' wallets, and the network that takes the routing fees.
create table lightning_sim.parties (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  role text not null check (role in ('node', 'network', 'wallet')),
  -- Signs the invoices.
  secret_key bytea check (octet_length(secret_key) = 32),
  -- Made from nothing; all other money comes from somebody.
  deposited_msat bigint not null check (deposited_msat >= 0),
  balance_msat bigint not null check (balance_msat >= 0),
  check ((role = 'network') = (secret_key is null))
);

create unique index one_of_a_kind on lightning_sim.parties (role) where role <> 'wallet';

insert into lightning_sim.parties (name, role, deposited_msat, balance_msat)
values ('network', 'network', 0, 0);

create table lightning_sim.invoices (
  payee text not null references lightning_sim.parties,
  -- Not unique by itself: a wrapped invoice has the hash of the one it wraps, at another payee.
  hash lightning_sim.hex32 not null,
  kind text not null check (kind in ('ordinary', 'hold')),
  state text not null default 'open' check (state in ('open', 'held', 'settled', 'canceled')),
  amount_msat bigint not null check (amount_msat > 0),
  received_msat bigint not null default 0,
  memo text not null,
  bolt11 text not null,
  preimage lightning_sim.hex32
    check (encode(sha256(decode(preimage, 'hex')), 'hex') = hash),
  -- What becomes of a payment to a wallet.
  outcome text not null default 'succeed' check (outcome in ('succeed', 'fail', 'hang')),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  -- Stands in for the timeout of the HTLC.
  held_until timestamptz,
  primary key (hash, payee),
  check ((state in ('held', 'settled')) = (received_msat > 0)),
  check (received_msat = 0 or received_msat between amount_msat and 2 * amount_msat),
  check ((state = 'held') = (held_until is not null)),
  check (kind = 'hold' or state <> 'held'),
  -- The payee of a hold invoice learns the preimage by settling, and not before.
  check ((kind = 'ordinary' or state = 'settled') = (preimage is not null))
);

create index invoices_open on lightning_sim.invoices (expires_at) where state = 'open';
create index invoices_held on lightning_sim.invoices (held_until) where state = 'held';

create table lightning_sim.payments (
  id bigint generated always as identity primary key,
  payer text not null references lightning_sim.parties,
  -- Nobody: there is no route to whoever made the invoice.
  payee text references lightning_sim.parties,
  hash lightning_sim.hex32 not null,
  state text not null check (state in ('in_flight', 'succeeded', 'failed')),
  amount_msat bigint not null check (amount_msat > 0),
  fee_msat bigint not null check (fee_msat >= 0),
  preimage lightning_sim.hex32
    check (encode(sha256(decode(preimage, 'hex')), 'hex') = hash),
  failure text,
  started_at timestamptz not null default clock_timestamp(),
  check (payer <> payee),
  check (payee is not null or state = 'failed'),
  check ((state = 'succeeded') = (preimage is not null)),
  check ((state = 'failed') = (failure is not null))
);

create unique index payments_paid_once on lightning_sim.payments (payee, hash) where state <> 'failed';
create unique index payments_pay_once on lightning_sim.payments (payer, hash) where state <> 'failed';
create index payments_of_payer on lightning_sim.payments (payer, hash, id);

-- What the node saw, for its subscribers.
create table lightning_sim.events (
  cursor bigint primary key,
  at timestamptz not null default clock_timestamp(),
  type text not null check (type in ('invoice', 'payment')),
  hash lightning_sim.hex32 not null,
  state text not null,
  received_msat bigint,
  fee_msat bigint,
  preimage lightning_sim.hex32,
  failure text,
  check (case type
    when 'invoice' then state in ('held', 'settled', 'canceled') and received_msat is not null
    else state in ('succeeded', 'failed') and fee_msat is not null
  end)
);

-- What a node was seen to do with our hashes, each state once. lnd itself replays only what was added or settled.
create table lightning_journal (
  -- Grows in the order of commits: only the process that holds the watcher's lock writes, on the lock's connection.
  cursor bigint generated always as identity primary key,
  node text not null,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  type text not null check (type in ('invoice', 'payment')),
  state text not null,
  -- Of the payment: a failed hash may be paid, and fail, again. 0 for an invoice.
  payment_index bigint not null default 0 check (payment_index >= 0),
  at timestamptz not null,
  received_msat bigint check (received_msat >= 0),
  fee_msat bigint check (fee_msat >= 0),
  preimage text check (preimage ~ '^[0-9a-f]{64}$'),
  failure text check (failure in ('no_route', 'timeout', 'rejected', 'insufficient', 'canceled', 'error')),
  unique (node, hash, type, state, payment_index),
  check (case type
    when 'invoice' then state in ('held', 'settled', 'canceled') and received_msat is not null and payment_index = 0
    else state in ('succeeded', 'failed') and fee_msat is not null end),
  check ((state = 'succeeded') = (preimage is not null)),
  check ((state = 'failed') = (failure is not null))
);

create index lightning_journal_after on lightning_journal (node, cursor);

-- Up to where the node's stream of invoices was read; moved in the statement that writes the row.
create table lightning_indexes (
  node text primary key,
  add_index bigint not null check (add_index >= 0),
  settle_index bigint not null check (settle_index >= 0)
);

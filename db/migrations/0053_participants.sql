-- Participants that orders name, their registration slips, and the erasure of personal data.

-- Since when participants are read from orders, in the store's time. Null: they are not.
alter table stores add column slips_since timestamptz;

-- When participants were last read from it, and how many refunds it had then.
alter table store_orders add column participants_at timestamptz;
alter table store_orders add column refunds_seen integer not null default 0;
-- Its personal data is erased, and stays so: later snapshots are not kept.
alter table store_orders add column erased_at timestamptz;

-- Taken in at somebody's request: nothing is mailed to customers for it.
alter table store_events add column replayed_at timestamptz;
alter table store_events add column erased_at timestamptz;
alter table store_events add constraint store_events_erased
  check (erased_at is null or (octet_length(body) = 0 and headers = '{}')) not valid;

-- One row for each unit of a line item.
create table participants (
  store text not null,
  order_id bigint not null,
  line_item bigint not null,
  position integer not null check (position between 1 and 200),
  name text not null,
  email text not null,
  product text not null,
  -- What else the store asks for, by its keys.
  fields jsonb not null default '{}' check (jsonb_typeof(fields) = 'object'),
  saved_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz,
  -- The order names it no longer.
  removed_at timestamptz,
  erased_at timestamptz,
  primary key (store, order_id, line_item, position),
  foreign key (store, order_id) references store_orders,
  check (erased_at is null or (name = '' and email = '' and fields = '{}'))
);

-- A registration slip of a participant. It is mailed once; another one is another version.
create table slips (
  id bigint generated always as identity primary key,
  store text not null,
  order_id bigint not null,
  line_item bigint not null,
  position integer not null,
  version integer not null check (version >= 1),
  -- `held`: it is mailed when somebody asks for it.
  mail text not null check (mail in ('held', 'waiting', 'sent', 'given_up')),
  -- `outdated`: the order was changed after it was sent. `void`: cancelled or refunded.
  validity text not null default 'valid' check (validity in ('valid', 'outdated', 'void')),
  created_at timestamptz not null default clock_timestamp(),
  -- Since when it is to be mailed, or held.
  asked_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz,
  -- To whom it was sent.
  address text,
  due_at timestamptz not null default clock_timestamp(),
  tries integer not null default 0 check (tries >= 0),
  -- Numbered leases: only the newest may record what became of it.
  lease integer not null default 0,
  leased_until timestamptz,
  last_error text,
  unique (store, order_id, line_item, position, version),
  foreign key (store, order_id, line_item, position) references participants,
  check ((mail = 'sent') = (sent_at is not null)),
  check (address is null or mail = 'sent')
);
-- Of each participant at most one is still to be mailed.
create unique index slips_one_open on slips (store, order_id, line_item, position)
  where mail in ('held', 'waiting') and validity = 'valid';
create index slips_to_mail on slips (store, due_at) where mail in ('waiting', 'given_up') and validity = 'valid';
create index slips_held on slips (store, id) where mail = 'held' and validity = 'valid';
-- Orders of which participants may have to be read.
create index store_orders_unregistered on store_orders (store, status_since) where participants_at is null;

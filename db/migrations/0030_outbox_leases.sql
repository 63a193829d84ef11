-- Rows are taken under numbered leases, not under open transactions; calls to the node are rows too.

alter table outbox
  -- How often the row was taken. Only the newest lease may mark it.
  add column lease integer not null default 0,
  -- Until then it belongs to whoever has taken it. Null: nobody.
  add column leased_until timestamptz,
  -- 1 goes first.
  add column priority smallint not null default 3,
  -- When it was first to be delivered; retries move available_at.
  add column due_since timestamptz not null default clock_timestamp(),
  drop constraint outbox_destination_check,
  drop constraint outbox_kind_check,
  drop constraint outbox_check,
  add check (case destination
    when 'nats' then kind = 'event'
    when 'temporal' then kind in ('start', 'wake')
    when 'node' then kind in
      ('settle_invoice', 'send_payment', 'create_invoice', 'wrap_invoice', 'look_up_invoice', 'cancel_invoice')
    else false end);

update outbox set due_since = created_at where published_at is null;
update outbox set priority = 2 where published_at is null and kind = 'wake';

create index outbox_priority on outbox (destination, priority, id) where published_at is null;
create unique index outbox_one_call on outbox (kind, subject)
  where destination = 'node' and published_at is null;
-- Taking a row changes no indexed column: with room on its page, no index is written.
alter table outbox set (fillfactor = 80);

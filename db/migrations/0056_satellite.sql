-- The whole of the Satellite API: orders without an invoice, policies of retransmission, ends, queues, what unpaid orders may occupy.

-- As configured when the order was opened, like its confirmation timeout. Null: of an order of an earlier release.
alter table orders
  add column rate_bytes_per_second integer check (rate_bytes_per_second > 0),
  -- How often it is sent again at most.
  add column retry_limit integer check (retry_limit >= 0),
  -- Pause before it is sent again, doubled each time.
  add column retry_backoff_seconds double precision not null default 0 check (retry_backoff_seconds >= 0),
  -- After so many retransmissions the regions that have not confirmed are presumed to have sent it.
  add column presume_after integer check (presume_after >= 0),
  -- After waiting for so long a retransmission goes before new orders.
  add column turn_after_seconds double precision check (turn_after_seconds >= 0),
  -- Of a retransmission that waits: since when, and not before.
  add column retry_since timestamptz,
  add column retry_at timestamptz,
  -- It was sent as often as it may be, and a region has not confirmed.
  add column gave_up_at timestamptz,
  -- Nothing more is waited for: the receivers have had their time.
  add column closed_at timestamptz,
  add constraint orders_retry_since check (retry_wanted or retry_since is null),
  add constraint orders_retry_at check (retry_wanted or retry_at is null),
  add constraint orders_gave_up check (gave_up_at is null or started_at is not null),
  add constraint orders_closed check (closed_at is null or state in ('sent', 'received'));

-- Queues. Those of orders that are over grow for ever, so each is read along an index of its own.
create index orders_created on orders (channel, state, created_at desc) where state in ('pending', 'paid');
create index orders_newest on orders (channel, created_at desc, id desc);
create index orders_started on orders (channel, state, started_at desc) where state in ('transmitting', 'confirming');
create index orders_queued on orders (channel, bid_per_byte desc) where state in ('paid', 'transmitting', 'confirming');
create index orders_ended on orders (channel, ended_at desc) where ended_at is not null;
create index orders_received on orders (channel, ended_at desc) where state = 'received';
create index orders_rx_pending on orders (channel, ended_at desc) where state = 'sent';
create index orders_retried on orders (channel, last_attempt_at desc) where last_attempt_at is not null and ended_at is null;
create index orders_to_close on orders (ended_at) where state = 'sent' and closed_at is null;
create index orders_gave_up_at on orders (gave_up_at) where gave_up_at is not null and ended_at is null;

-- When the transmission of a message has ended: it is deleted some time after. A copy of the order's, so that what is kept is found by an
-- index of its own, however many orders are over.
alter table order_messages add column ended_at timestamptz;
update order_messages m set ended_at = o.ended_at from orders o where o.id = m.order_id and o.ended_at is not null;
create index order_messages_ended on order_messages (ended_at) where ended_at is not null;

-- Messages to be sent later: an order that another service opens names one in place of the bytes.
create table order_drafts (
  id uuid primary key,
  body bytea not null check (octet_length(body) > 0),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  owner uuid references accounts,
  origin bytea check (octet_length(origin) = 16),
  created_at timestamptz not null default clock_timestamp()
);
alter table order_drafts alter column body set storage external;
create index order_drafts_created on order_drafts (created_at);
create index order_drafts_origin on order_drafts (origin) where origin is not null;

-- How many bytes of messages wait unpaid: of one origin, and of all. Called last in the transaction that adds some, which count too.
-- Null limits are not looked at. Gives what is exceeded; `sum/<origin>`: that origin has the most, and gives way.
create function unpaid_bytes_exceed(of_origin bytea, per_origin bigint, in_sum bigint) returns text language plpgsql as $$
declare
  own bigint;
  total bigint;
  most record;
begin
  if of_origin is null or (per_origin is null and in_sum is null) then return null; end if;
  perform pg_advisory_xact_lock(74218424, 0);
  select coalesce(sum(size), 0) into own from (
    select message_size::bigint as size from orders where state = 'pending' and origin = of_origin
    union all select octet_length(body) from order_drafts where origin = of_origin) o;
  if per_origin is not null and own > per_origin then return 'origin'; end if;
  if in_sum is null then return null; end if;
  select coalesce(sum(size), 0) into total from (
    select message_size::bigint as size from orders where state = 'pending' and origin is not null
    union all select octet_length(body) from order_drafts where origin is not null) o;
  if total <= in_sum then return null; end if;
  select origin, sum(message_size) as size into most from orders
  where state = 'pending' and origin is not null group by origin order by 2 desc limit 1;
  if most.origin is null or own >= most.size then return 'sum'; end if;
  return 'sum/' || encode(most.origin, 'hex');
end $$;

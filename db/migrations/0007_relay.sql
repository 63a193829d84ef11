-- Heads are found within a destination: that NATS is down must not hold up Temporal's rows of the same key.
drop index outbox_key;
create index outbox_key on outbox (destination, ordering_key, id) where published_at is null;

-- Rows pass through quickly: what is left of them must not pile up in front of the next.
alter table outbox set (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

-- For the clearing away of old ones.
create index idempotency_keys_created on idempotency_keys (created_at);

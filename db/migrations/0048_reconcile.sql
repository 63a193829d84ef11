-- The node is asked for what is open from time to time, whether or not a message came: those first that were not asked for the longest.
alter table invoices add column asked_at timestamptz;
alter table payments add column asked_at timestamptz;
create index invoices_asked on invoices ((coalesce(asked_at, created_at))) where state in ('open', 'held') and bolt11 is not null;

-- The trace (W3C traceparent) of whoever wrote a row, so that what follows from it joins the same trace: in another process, later, or by
-- another try. A transaction that belongs to a trace says so in this setting; without one, nothing is written.
set local lock_timeout = '5s';
alter table outbox add column traceparent text;
alter table outbox alter column traceparent set default nullif(current_setting('quittance.traceparent', true), '');
alter table attempts add column traceparent text;
alter table attempts alter column traceparent set default nullif(current_setting('quittance.traceparent', true), '');
alter table orders add column traceparent text;
alter table orders alter column traceparent set default nullif(current_setting('quittance.traceparent', true), '');

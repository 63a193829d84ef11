-- How an action came in: over HTTP, or by a workflow that another service started, with a start token or trusted. Null: before this.
alter table actions add column opened_by text check (opened_by in ('http', 'start_token', 'trusted_start'));

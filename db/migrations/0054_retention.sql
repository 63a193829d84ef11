-- Personal data is erased by night, once it is old.
alter table store_tasks drop constraint store_tasks_task_check;
alter table store_tasks add constraint store_tasks_task_check
  check (task in ('reconcile', 'gaps', 'orders', 'webhooks', 'silence', 'slips', 'learn', 'retention', 'notices')) not valid;
insert into store_tasks (store, task)
  select id, task from stores, unnest(array['slips', 'retention']) task
  on conflict do nothing;

create index store_events_kept on store_events (store, received_at) where erased_at is null;
create index store_orders_kept on store_orders (store, modified_at) where erased_at is null;

-- Deliveries that hold nothing that can be applied.
create index store_events_dead on store_events (store, id)
  where outcome in ('not_json', 'legacy_format', 'not_an_order', 'id_only', 'error_body', 'too_large', 'unknown_topic');

-- Webhooks tell only of transmissions that anybody may read of: not of those of a channel that is the administrator's.

-- Of the configuration of the API, which keeps it. As the peer has it until then.
alter table channels add column users_read boolean not null default false;
update channels set users_read = true where number in (1, 4, 5);

create or replace function webhook_fan_out() returns trigger language plpgsql as $$
begin
  if not exists (select from webhook_endpoints) then return null; end if;
  with announced as (
    select w.event_type, w.account::uuid as account, n.payload
    from added n cross join lateral webhook_event_of(n.subject, n.payload) w
    where n.destination = 'nats' and n.kind = 'event' and w.event_type is not null
      and (w.account is not null
        or exists (select from channels c where c.number::text = split_part(n.subject, '.', 2) and c.users_read))
    order by n.id),
  stored as (
    insert into webhook_events (account, type, data)
    select a.account, a.event_type, a.payload from announced a
    where exists (select from webhook_endpoints e where e.account = a.account)
      or (a.account is null
        and exists (select from webhook_endpoints e where webhook_wants(e.events, a.event_type, true)))
    returning id, account, type)
  insert into webhook_deliveries (endpoint, event)
  select e.id, s.id from stored s
  join webhook_endpoints e on e.account = s.account or s.account is null
  where e.disabled_at is null and webhook_wants(e.events, s.type, s.account is null);
  return null;
end $$;

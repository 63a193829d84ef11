-- Notices are events of webhooks, by their kind: `notice.reply`, `notice.zap`, and so on.

-- In the transaction that tells, as `webhook_fan_out`. A notice that grows is an event each time; one that is read or dismissed is none.
create function webhook_fan_out_notices() returns trigger language plpgsql as $$
declare
  told bigint[];
begin
  if not exists (select from webhook_endpoints) then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(w.id) into told from written w;
  else
    select array_agg(w.id) into told from written w join before b on b.id = w.id where w.times > b.times;
  end if;
  if told is null then return null; end if;
  with stored as (
    insert into webhook_events (account, type, data)
    select n.account, 'notice.' || lower(n.kind), jsonb_build_object(
      'id', n.id::text, 'kind', n.kind, 'itemId', n.item_id::text, 'actionId', n.action_id, 'by', a.name,
      'amountMsat', n.amount_msat::text, 'times', n.times, 'detail', n.detail,
      'at', to_char(n.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    from notices n left join accounts a on a.id = n.by_account
    where n.id = any(told) and exists (select from webhook_endpoints e where e.account = n.account)
    order by n.id
    returning id, account, type)
  insert into webhook_deliveries (endpoint, event)
  select e.id, s.id from stored s join webhook_endpoints e on e.account = s.account
  where e.disabled_at is null and webhook_wants(e.events, s.type, false);
  return null;
end $$;
create trigger webhook_fan_out_notices after insert on notices
  referencing new table as written for each statement execute function webhook_fan_out_notices();
create trigger webhook_fan_out_grown_notices after update on notices
  referencing old table as before new table as written for each statement execute function webhook_fan_out_notices();

-- Append-only tables withstand TRUNCATE too, which row triggers do not see.
do $$
declare
  guarded record;
begin
  for guarded in
    select distinct t.tgrelid::regclass as name, c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where t.tgfoid = 'refuse_change'::regproc and not t.tgisinternal
  loop
    execute format('create trigger %I before truncate on %s for each statement execute function refuse_change()',
      guarded.relname || '_no_truncate', guarded.name);
  end loop;
end $$;

-- Of an order that was placed without an account, as all are: a keyed hash of the network that it came from.
alter table orders add column origin bytea check (octet_length(origin) = 16);
create index orders_unpaid_origin on orders (origin) include (message_size) where state = 'pending' and origin is not null;

-- What the anonymous have left here without paying for it, in bytes; a small one counts like a page. Gives which limit is exceeded.
-- Called last in the transaction that adds something. Null limits are not looked at. Those of the sum may be exceeded by as much as
-- comes in at the same time.
create function anonymous_bytes_exceed(of_origin bytea, per_origin bigint, in_sum bigint)
returns text language plpgsql as $$
declare
  own bigint;
  everybody bigint;
begin
  if of_origin is null or (per_origin is null and in_sum is null) then return null; end if;
  perform pg_advisory_xact_lock(74218424, hashtext(encode(of_origin, 'hex')));
  select coalesce(sum(bytes) filter (where origin = of_origin), 0), coalesce(sum(bytes), 0) into own, everybody from (
    select a.origin, greatest(pg_column_size(s.args), 4096)::bigint as bytes
    from attempts a join actions s on s.id = a.action_id
    where a.origin is not null and a.state not in ('PAID', 'FAILED')
    union all
    select origin, greatest(message_size, 4096)::bigint from orders where state = 'pending' and origin is not null) unpaid;
  if own > per_origin then return 'origin'; end if;
  if everybody > in_sum then return 'sum'; end if;
  return null;
end $$;

-- A dead letter that is acknowledged leaves its stream and is kept here.
alter table dead_letter_acknowledgements
  add column stream text,
  add column subject text,
  add column reason text,
  add column message_id text,
  add column body bytea;

-- What nobody without an account has paid for is emptied after a while; it cannot be tried again then. What was paid is looked at once.
alter table actions add column emptied boolean not null default false, add column content_checked_at timestamptz;
create index actions_unchecked on actions (created_at) where actor is null and content_checked_at is null;

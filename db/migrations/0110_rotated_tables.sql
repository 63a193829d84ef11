-- Tables that only grow are written in turns: after a while the table is renamed to `<name>_before`, an empty one takes its name, and the
-- one before that is dropped. So rows are kept for `keep` at least and for twice as long at most, and none is deleted one by one.
set local lock_timeout = '5s';

create table rotations (
  -- Of the table that is written.
  name text primary key,
  began_at timestamptz not null default clock_timestamp(),
  -- It is not renamed before.
  keep interval not null check (keep >= interval '1 hour')
);

-- Streams keep messages for 31 days at most, and may deliver them again until then.
insert into rotations (name, keep) values ('applied_messages', interval '32 days'), ('outbox_delivered', interval '25 hours');

-- Whether that table is due. Whoever is told so holds its row until commit: nobody rotates it meanwhile.
create function rotation_is_due(of_table text) returns boolean language plpgsql as $$
begin
  perform from rotations where name = of_table and began_at <= clock_timestamp() - keep for update skip locked;
  return found;
end $$;

-- A new table belongs to the owner alone; whoever may use the one before may use this one.
create function copy_grants(source regclass, target regclass) returns void language plpgsql as $$
declare
  granted record;
begin
  for granted in
    select a.privilege_type as privilege, case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
    from pg_class c cross join lateral aclexplode(c.relacl) a where c.oid = source and a.grantee <> c.relowner
  loop
    execute format('grant %s on %s to %s', granted.privilege, target, granted.grantee);
  end loop;
end $$;

create table applied_messages_before (
  consumer text not null,
  message_id text not null,
  applied_at timestamptz not null,
  primary key (consumer, message_id)
);

-- For every release that adds rows: what was applied in the turn before is not applied again.
create function refuse_applied_before() returns trigger language plpgsql as $$
begin
  perform from applied_messages_before b where b.consumer = new.consumer and b.message_id = new.message_id;
  if found then return null; end if;
  return new;
end $$;
create trigger applied_messages_once before insert on applied_messages
  for each row execute function refuse_applied_before();

-- Its lock waits for everybody who has added a row, and whoever adds the next one sees theirs: nothing is applied twice across the
-- border, by whatever clock. False: not due, or somebody uses the tables for long; to be tried again.
create function rotate_applied_messages() returns boolean language plpgsql
  security definer set search_path = public, pg_temp set lock_timeout = '300ms' as $$
begin
  if not rotation_is_due('applied_messages') then return false; end if;
  lock table applied_messages, applied_messages_before in access exclusive mode;
  drop table applied_messages_before;
  drop trigger applied_messages_once on applied_messages;
  drop index if exists applied_messages_at;
  alter table applied_messages rename to applied_messages_before;
  alter index applied_messages_pkey rename to applied_messages_before_pkey;
  create table applied_messages (
    like applied_messages_before including defaults including constraints,
    constraint applied_messages_pkey primary key (consumer, message_id));
  -- For releases that delete rows one by one.
  create index applied_messages_at on applied_messages (applied_at);
  create trigger applied_messages_once before insert on applied_messages
    for each row execute function refuse_applied_before();
  perform copy_grants('applied_messages_before', 'applied_messages');
  update rotations set began_at = clock_timestamp() where name = 'applied_messages';
  return true;
exception when lock_not_available then return false;
end $$;
revoke execute on function rotate_applied_messages() from public;

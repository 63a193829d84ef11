-- Rows of the outbox go here when they are delivered, and from here by whole tables. `outbox` itself has what is still to be delivered, and
-- what releases before this one mark in their place. Tables of this kind are read with it (`from outbox`); `from only outbox` leaves
-- them out, and so does `published_at is null`, since none of their rows can be that.
set local lock_timeout = '5s';

create function create_outbox_delivered() returns void language plpgsql set search_path = public, pg_temp as $$
begin
  create table outbox_delivered (
    constraint outbox_delivered_pkey primary key (id),
    constraint outbox_delivered_only check (published_at is not null)
  ) inherits (outbox) with (autovacuum_vacuum_insert_threshold = -1);
  create index outbox_delivered_at on outbox_delivered using brin (published_at) with (autosummarize = on);
end $$;

select create_outbox_delivered();
alter table outbox_delivered rename to outbox_delivered_before;
alter index outbox_delivered_pkey rename to outbox_delivered_before_pkey;
alter index outbox_delivered_at rename to outbox_delivered_before_at;
select create_outbox_delivered();

-- It is nearly always empty. A plan that is made while it has no page reads the whole table, and is kept while the table fills.
alter table outbox set (vacuum_truncate = false);

-- As rotate_applied_messages. Rows are kept for `keep_for` and an hour more, since a doctor that looks for them may have begun before.
create function rotate_outbox_delivered(keep_for interval) returns boolean language plpgsql
  security definer set search_path = public, pg_temp set lock_timeout = '300ms' as $$
begin
  update rotations set keep = keep_for + interval '1 hour'
    where name = 'outbox_delivered' and keep <> keep_for + interval '1 hour';
  if not rotation_is_due('outbox_delivered') then return false; end if;
  lock table outbox_delivered, outbox_delivered_before in access exclusive mode;
  drop table outbox_delivered_before;
  alter table outbox_delivered rename to outbox_delivered_before;
  alter index outbox_delivered_pkey rename to outbox_delivered_before_pkey;
  alter index outbox_delivered_at rename to outbox_delivered_before_at;
  perform create_outbox_delivered();
  perform copy_grants('outbox_delivered_before', 'outbox_delivered');
  update rotations set began_at = clock_timestamp() where name = 'outbox_delivered';
  return true;
exception when lock_not_available then return false;
end $$;
revoke execute on function rotate_outbox_delivered(interval) from public;

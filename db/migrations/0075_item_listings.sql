-- Lists of posts by territory: a post is listed once in each of its territories, with the sort keys of the lists of all. Kept by a
-- trigger, in the transaction that changes the post.
create table item_listings (
  territory text not null,
  item_id bigint not null references items,
  hot_key double precision not null,
  top_msat bigint not null,
  paid_at timestamptz not null,
  primary key (territory, item_id)
);
create index item_listings_hot on item_listings (territory, hot_key desc, item_id desc);
create index item_listings_top on item_listings (territory, top_msat desc, item_id desc);
create index item_listings_recent on item_listings (territory, paid_at desc, item_id desc);

create function list_item() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    delete from item_listings l where l.item_id = old.id and l.territory = any(old.territories)
      and not (new.listed and l.territory = any(new.territories));
  end if;
  if new.listed then
    insert into item_listings (territory, item_id, hot_key, top_msat, paid_at)
    select t, new.id, new.hot_key, new.top_msat, new.paid_at from unnest(new.territories) as t order by t
    on conflict (territory, item_id) do update
      set hot_key = excluded.hot_key, top_msat = excluded.top_msat, paid_at = excluded.paid_at;
  end if;
  return null;
end $$;
create trigger items_list_new after insert on items for each row
  when (new.parent_id is null and new.territories <> '{}') execute function list_item();
create trigger items_list after update on items for each row
  when (new.parent_id is null and (old.territories <> '{}' or new.territories <> '{}')
    and (old.listed, old.hot_key, old.top_msat, old.paid_at, old.territories)
      is distinct from (new.listed, new.hot_key, new.top_msat, new.paid_at, new.territories)) execute function list_item();

insert into item_listings (territory, item_id, hot_key, top_msat, paid_at)
select distinct t, i.id, i.hot_key, i.top_msat, i.paid_at from items i cross join unnest(i.territories) as t where i.listed;

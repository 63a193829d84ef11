-- One row. The epoch is the time this data was begun, in milliseconds: every message carries it, so
-- that messages of data that was since reset are told apart and ignored.
create table installation (
  only_row boolean primary key default true check (only_row),
  epoch bigint not null check (epoch > 0),
  created_at timestamptz not null default now()
);

insert into installation (epoch)
values ((extract(epoch from clock_timestamp()) * 1000)::bigint);

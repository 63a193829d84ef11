-- Days in a row on which an account has spent enough: counted when a day (UTC) is closed, by the time at which things became paid.
create table spending_days (
  account uuid not null references accounts,
  day date not null,
  spent_msat bigint not null check (spent_msat > 0),
  primary key (account, day)
);
create index spending_days_day on spending_days (day);

create table streaks (
  account uuid not null references accounts,
  first_day date not null,
  last_day date not null check (last_day >= first_day),
  -- The day on which too little was spent. Null while it lasts.
  ended_on date check (ended_on > last_day),
  primary key (account, first_day)
);
create unique index streaks_running on streaks (account) where ended_on is null;

-- A type of which everything was free on a day, such as edits, has cost nothing: that must not keep the day from being closed.
alter table action_days drop constraint action_days_cost_msat_check, add constraint action_days_cost_msat_check check (cost_msat >= 0);

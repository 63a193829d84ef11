-- What pages read that nothing read before.
create index items_territories on items using gin (territories) where listed;

-- The doctor's last reports, for whoever has no shell. The findings of one run.
create table doctor_reports (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  passed boolean not null,
  report jsonb not null
);
create index doctor_reports_at on doctor_reports (at desc);

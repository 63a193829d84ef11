-- Dead letters that a person has looked into and explained. `letter` is when it died and its number in the stream, which
-- begins anew when NATS has lost its data.
create table dead_letter_acknowledgements (
  letter text primary key,
  because text not null check (because <> ''),
  acknowledged_at timestamptz not null default now()
);

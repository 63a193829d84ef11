-- The simulated node as lnd is: block heights, sets of HTLCs, routes with fees, amounts above twice, a failed hash that is paid again.

alter table lightning_sim.node add column block_height integer not null default 1000 check (block_height >= 0);

alter table lightning_sim.invoices
  add column description_hash lightning_sim.hex32,
  add column min_final_cltv integer not null default 80 check (min_final_cltv > 0),
  -- Of the accepted set of HTLCs: the lowest heights. They stay when the invoice is settled or canceled.
  add column accept_height integer,
  add column expiry_height integer,
  -- The node's data without it, as after a restore: look-ups find nothing.
  add column forgotten boolean not null default false;

update lightning_sim.invoices set accept_height = 1000, expiry_height = 1083 where state = 'held';

alter table lightning_sim.invoices
  -- An invoice of a wallet may leave its amount to the payer; then it is 0.
  drop constraint invoices_amount_msat_check,
  add constraint invoices_amount check (amount_msat >= 0 and (amount_msat > 0 or payee <> 'node')),
  -- More than the amount is accepted without a bound.
  drop constraint invoices_check2,
  add constraint invoices_received check (received_msat = 0 or received_msat >= amount_msat),
  add constraint invoices_heights check (state <> 'held' or accept_height < expiry_height),
  drop constraint invoices_outcome_check,
  add constraint invoices_outcome check (outcome in ('succeed', 'fail', 'hang', 'timeout', 'error'));

alter table lightning_sim.payments
  -- What the set of HTLCs amounts to when it is complete; amount_msat is what has left the payer so far.
  add column total_msat bigint,
  -- The highest height at which an HTLC of it expires.
  add column expiry_height integer,
  add column forgotten boolean not null default false;

update lightning_sim.payments set total_msat = amount_msat,
  failure = case
    when failure is null then null
    when failure like 'no route%' then 'no_route'
    when failure like 'rejected%' then 'rejected'
    else 'timeout' end;
update lightning_sim.events set failure = case
    when failure like 'no route%' then 'no_route'
    when failure like 'rejected%' then 'rejected'
    else 'timeout' end
 where failure is not null;

alter table lightning_sim.payments
  alter column total_msat set not null,
  drop constraint payments_amount_msat_check,
  add constraint payments_total check (amount_msat between 0 and total_msat and total_msat > 0),
  add constraint payments_whole check (state <> 'succeeded' or amount_msat = total_msat),
  add constraint payments_failure check (failure in ('no_route', 'timeout', 'rejected', 'insufficient', 'canceled', 'error'));

-- The HTLCs of a payment to the node: they are settled or canceled with it.
create table lightning_sim.htlcs (
  payment bigint not null references lightning_sim.payments,
  n integer not null check (n > 0),
  amount_msat bigint not null check (amount_msat > 0),
  accept_height integer not null,
  expiry_height integer not null check (expiry_height > accept_height),
  primary key (payment, n)
);

insert into lightning_sim.htlcs (payment, n, amount_msat, accept_height, expiry_height)
select id, 1, amount_msat, 1000, 1083 from lightning_sim.payments where payee = 'node' and state = 'in_flight';

-- Routes from the node to a payee; without a row there is one with the node's settings.
create table lightning_sim.routes (
  payee text not null references lightning_sim.parties,
  n integer not null check (n > 0),
  base_msat bigint not null check (base_msat >= 0),
  per_million bigint not null check (per_million >= 0),
  -- Blocks between the expiry of the node's HTLC and that of the payee's.
  cltv_delta integer not null check (cltv_delta >= 0),
  capacity_msat bigint check (capacity_msat > 0),
  primary key (payee, n)
);

create index events_of_hash on lightning_sim.events (hash, cursor);
create index payments_partial on lightning_sim.payments (started_at)
  where state = 'in_flight' and amount_msat < total_msat;

import type { Pool } from 'pg';
import type { PaymentHash } from '../../../adapters/lightning/port.js';
import type { Msat } from '../../../domain/money.js';
import { NODE } from './parties.js';

export interface Recount {
  readonly depositedMsat: Msat;
  readonly balancesMsat: Msat;
  readonly inFlightMsat: Msat;
  /** Parties whose balance differs from the sum of their deposits and payments. */
  readonly wrongBalances: string[];
  /** Invoices whose payments or HTLCs do not match their state. */
  readonly wrongInvoices: string[];
  /** True when nothing is wrong and the sum of all money is that of all deposits. */
  readonly conserved: boolean;
}

/** Recomputes all balances from deposits and payments, in one snapshot. */
export async function recount(pool: Pool): Promise<Recount> {
  const { rows } = await pool.query<Recount>(RECOUNT);
  const [row] = rows;
  if (row === undefined) throw new Error('the recount returned no row');
  return row;
}

// Sums of BIGINT are NUMERIC: cast back, so that an overflow is an error and not a float.
const RECOUNT = `
with movements (party, msat) as (
  select name, deposited_msat from lightning_sim.parties
  union all
  select payer, -(amount_msat + fee_msat) from lightning_sim.payments where state <> 'failed'
  union all
  select payee, amount_msat from lightning_sim.payments where state = 'succeeded'
  union all
  select 'network', fee_msat from lightning_sim.payments where state = 'succeeded'
), recounted as (
  select p.name, p.balance_msat, sum(m.msat) as msat
    from lightning_sim.parties p join movements m on m.party = p.name group by p.name
), wrong_invoices as (
  select i.hash from lightning_sim.invoices i
    left join lightning_sim.payments p on p.payee = i.payee and p.hash = i.hash and p.state <> 'failed'
   where coalesce(p.state, 'none') <> all (case i.state
           when 'held' then array['in_flight'] when 'settled' then array['succeeded']
           when 'open' then array['none', 'in_flight'] else array['none'] end)
      or i.payee = 'node' and i.state = 'open' and p.amount_msat = p.total_msat
      or case i.state when 'open' then 0 else coalesce(p.amount_msat, 0) end <> i.received_msat
  union
  select p.hash from lightning_sim.payments p join lightning_sim.htlcs h on h.payment = p.id
   group by p.id, p.hash having sum(h.amount_msat) <> min(p.amount_msat)
), sums as (
  select (select sum(deposited_msat)::bigint from lightning_sim.parties) as deposited,
         (select sum(balance_msat)::bigint from lightning_sim.parties) as balances,
         (select coalesce(sum(amount_msat + fee_msat), 0)::bigint
            from lightning_sim.payments where state = 'in_flight') as in_flight,
         array(select name from recounted where balance_msat <> msat order by name) as wrong_balances,
         array(select hash::text from wrong_invoices order by 1) as wrong_invoices
)
select deposited as "depositedMsat", balances as "balancesMsat", in_flight as "inFlightMsat",
       wrong_balances as "wrongBalances", wrong_invoices as "wrongInvoices",
       deposited = balances + in_flight
         and wrong_balances = '{}' and wrong_invoices = '{}' as conserved
  from sums`;

export interface SettledInvoice {
  readonly hash: PaymentHash;
  readonly receivedMsat: Msat;
  readonly settledAt: Date;
}

/** The node's settled invoices in order of their hashes, after the given one. */
export async function settledInvoices(
  pool: Pool,
  after: string,
  limit: number,
): Promise<SettledInvoice[]> {
  const { rows } = await pool.query<SettledInvoice>(
    `with page as materialized (
       select hash, received_msat, created_at from lightning_sim.invoices
       where payee = $1 and state = 'settled' and hash > $2 order by hash limit $3),
     seen as (
       select hash, min(at) as at from lightning_sim.events
       where type = 'invoice' and state = 'settled' and hash in (select hash from page) group by hash)
     select hash, received_msat as "receivedMsat", coalesce(seen.at, created_at) as "settledAt"
     from page left join seen using (hash) order by hash`,
    [NODE, after, limit],
  );
  return rows;
}

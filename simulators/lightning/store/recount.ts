import type { Pool } from 'pg';
import type { Msat } from '../../../domain/money.js';

export interface Recount {
  readonly depositedMsat: Msat;
  readonly balancesMsat: Msat;
  readonly inFlightMsat: Msat;
  /** Parties whose balance is not what their deposits and payments add up to. */
  readonly wrongBalances: string[];
  /** Invoices of the node whose payments do not fit their state. */
  readonly wrongInvoices: string[];
  /** Nothing wrong, and no money came or went by itself. */
  readonly conserved: boolean;
}

/** Adds up the simulator's money from the beginning, in one snapshot. */
export async function recount(pool: Pool): Promise<Recount> {
  const { rows } = await pool.query<Recount>(RECOUNT);
  const [row] = rows;
  if (row === undefined) throw new Error('a sum gave no row');
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
   where i.payee = 'node'
     and (coalesce(p.state, 'none') <> case i.state
            when 'held' then 'in_flight' when 'settled' then 'succeeded' else 'none' end
          or coalesce(p.amount_msat, 0) <> i.received_msat)
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

import type { Pool } from 'pg';

/** Each query lists what breaks a rule; of sound books, all are empty. */
const RULES: Readonly<Record<string, string>> = {
  'entries sum to zero per asset': `
    select p.entry_id from postings p join ledger_accounts a on a.id = p.ledger_account_id
    group by p.entry_id, a.asset having sum(p.amount_msat) <> 0`,
  'balances equal the sum of their postings': `
    select a.id from ledger_accounts a left join postings p on p.ledger_account_id = a.id
    where a.owner is not null group by a.id having coalesce(sum(p.amount_msat), 0) <> a.balance_msat`,
  'each posting keeps the balance after it': `
    select 1 from (
      select balance_after_msat, sum(amount_msat) over (partition by ledger_account_id order by entry_id) as running
      from postings where balance_after_msat is not null) chain
    where running <> balance_after_msat`,
  'credits issued for sats are backed': `
    select 1 from (
      select coalesce(sum(p.amount_msat) filter (where a.system = 'backing'), 0) as backing,
        -coalesce(sum(p.amount_msat) filter (where a.system = 'issued' and e.key not like 'grant/%'), 0) as issued
      from postings p join ledger_accounts a on a.id = p.ledger_account_id join entries e on e.id = p.entry_id) sums
    where backing <> issued`,
  'sats taken in are those of settled invoices': `
    select 1 from (
      select coalesce((select -sum(p.amount_msat) from postings p join ledger_accounts a on a.id = p.ledger_account_id
        where a.system = 'outside'), 0) as taken,
        coalesce((select sum(received_msat) from invoices where state = 'settled'), 0) as settled) sums
    where taken <> settled`,
  'money of an attempt adds up when it is over': `
    select a.action_id from attempts a left join attempt_payments p using (action_id, attempt)
    where a.state in ('PAID', 'FAILED') group by a.action_id, a.attempt, a.state, a.cost_msat
    having coalesce(sum(p.amount_msat) filter (where direction = 'in'), 0)
        <> coalesce(sum(p.amount_msat) filter (where direction <> 'in'), 0)
      or coalesce(sum(p.amount_msat) filter (where direction = 'out'), 0)
        <> case a.state when 'PAID' then a.cost_msat else 0 end`,
  'an attempt or order ends at most once': `
    select machine, subject from transitions
    where (machine = 'attempt' and to_state in ('PAID', 'FAILED'))
      or (machine = 'order' and to_state in ('received', 'cancelled', 'expired'))
    group by machine, subject having count(*) > 1`,
  'each state follows from the one before': `
    select 1 from (
      select from_state, lag(to_state) over (partition by machine, subject order by id) as before from transitions) steps
    where from_state is distinct from before`,
  'each state is that of the last transition': `
    select a.action_id from attempts a
    where a.state <> (select to_state from transitions t where t.machine = 'attempt'
      and t.subject = a.action_id || '/' || a.attempt order by id desc limit 1)
    union all
    select o.id from orders o
    where o.state <> (select to_state from transitions t where t.machine = 'order'
      and t.subject = o.id::text order by id desc limit 1)`,
  'an action is paid at most once': `
    select action_id from attempts where state = 'PAID' group by action_id having count(*) > 1`,
  'items and zaps are visible when their action is paid, and only then': `
    select action_id from items i where (i.state = 'PAID')
      <> exists (select from attempts a where a.action_id = i.action_id and a.state = 'PAID')
    union all
    select action_id from zaps z where (z.state = 'PAID')
      <> exists (select from attempts a where a.action_id = z.action_id and a.state = 'PAID')`,
  'counters of items equal a recount': `
    select i.id from items i left join zaps z on z.item_id = i.id and z.state = 'PAID'
    group by i.id having count(z.action_id) <> i.zaps or coalesce(sum(z.amount_msat), 0) <> i.zapped_msat`,
  'one transmission at a time per channel': `
    select 1 from (
      select o.channel, t.at, t.subject,
        sum(case when t.to_state = 'transmitting' then 1 when t.from_state = 'transmitting' then -1 else 0 end)
          over (partition by o.channel order by t.id) as on_the_line
      from transitions t join orders o on o.id::text = t.subject where t.machine = 'order') line
    where on_the_line > 1`,
  'numbers of transmissions have no gap': `
    select 1 from orders where tx_seq_num is not null
    having count(*) <> coalesce(max(tx_seq_num), 0) or count(*) <> (select last from transmission_counter)`,
};

/** The rules that the data break, by name; empty when all is well. */
export async function brokenRules(pool: Pool): Promise<string[]> {
  const broken: string[] = [];
  for (const [rule, sql] of Object.entries(RULES)) {
    const { rowCount } = await pool.query(sql);
    if (rowCount !== 0) broken.push(rule);
  }
  return broken;
}

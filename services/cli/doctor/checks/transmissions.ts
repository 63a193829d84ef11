import type { Check } from '../check.js';

export const transmissionChecks: readonly Check[] = [
  {
    name: 'one transmission at a time per channel',
    offenders: `
      select distinct subject as id from (
        select t.subject, sum(case
            when t.from_state is distinct from 'transmitting' and t.to_state = 'transmitting' then 1
            when t.from_state = 'transmitting' and t.to_state <> 'transmitting' then -1
            else 0 end) over (partition by o.channel order by t.id) as on_the_line
        from transitions t join orders o on o.id::text = t.subject where t.machine = 'order') line
      where on_the_line > 1`,
  },
  {
    name: 'transmission numbers have no gap',
    offenders: `
      select n as id from transmission_counter c,
        generate_series(1, greatest(c.last, (select max(tx_seq_num) from orders))) n
      where not exists (select from orders o where o.tx_seq_num = n)
      union all
      select tx_seq_num from orders, transmission_counter c where tx_seq_num > c.last`,
  },
  {
    name: 'no transmission number is assigned twice',
    offenders: `
      select tx_seq_num as id from orders where tx_seq_num is not null
      group by tx_seq_num having count(*) > 1`,
  },
  {
    name: 'bids equal what was paid for them',
    offenders: `
      select o.id from orders o left join invoices i on i.order_id = o.id and i.state = 'settled'
      group by o.id having o.bid_msat <> coalesce(sum(i.received_msat), 0)`,
  },
  {
    name: 'orders sent or received were confirmed by all their regions',
    offenders: `
      select o.id from orders o
      left join confirmations c on c.order_id = o.id
        and c.kind = case o.state when 'sent' then 'tx' else 'rx' end
      where o.state in ('sent', 'received')
      group by o.id having o.regions & ~coalesce(bit_or(1 << c.region), 0) <> 0`,
  },
];

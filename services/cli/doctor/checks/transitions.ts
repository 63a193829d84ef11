import type { Check } from '../check.js';

/** Compares the audit rows with each other and with the states. */
export const transitionChecks: readonly Check[] = [
  {
    name: 'an attempt or order ends at most once',
    offenders: `
      select machine || ' ' || subject as id from transitions
      where (machine = 'attempt' and to_state in ('PAID', 'FAILED'))
        or (machine = 'order' and to_state in ('received', 'cancelled', 'expired'))
      group by machine, subject having count(*) > 1`,
  },
  {
    name: 'each transition starts from the state before it',
    offenders: `
      select distinct machine || ' ' || subject as id from (
        select machine, subject, from_state,
          lag(to_state) over (partition by machine, subject order by id) as before
        from transitions) steps
      where from_state is distinct from before`,
  },
  {
    name: "each row's state is that of its last transition",
    offenders: `
      with last as (
        select distinct on (machine, subject) machine, subject, to_state
        from transitions order by machine, subject, id desc),
      now as (
        select 'attempt' as machine, action_id || '/' || attempt as subject, state from attempts
        union all select 'order', id::text, state from orders)
      select machine || ' ' || subject as id from now left join last using (machine, subject)
      where now.state is distinct from last.to_state`,
  },
  {
    name: 'no event happens to an attempt twice',
    offenders: `
      select subject || ' ' || event as id from transitions where machine = 'attempt'
      group by subject, event having count(*) > 1`,
  },
  {
    name: 'a message is applied once',
    offenders: `
      select consumer || ' ' || message_id as id
      from (select * from applied_messages union all select * from applied_messages_before) applied
      group by consumer, message_id having count(*) > 1`,
  },
];

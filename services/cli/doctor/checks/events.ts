import type { Check, Settings } from '../check.js';

/** Rows that were delivered go after this time, so only what is younger must still be there. */
const kept = ({ outboxKeepHours }: Settings): readonly unknown[] => [outboxKeepHours];

/** What had to be announced, with how often it is in the outbox. */
const ANNOUNCED = `
  with steps as (
    select *, to_state = 'transmitting' and from_state <> 'transmitting' as starts,
      count(*) filter (where to_state = 'transmitting' and from_state <> 'transmitting')
        over (partition by machine, subject order by id) as start,
      count(*) filter (where to_state in ('sent', 'received'))
        over (partition by machine, subject order by id) as ending
    from transitions),
  due as (
    select distinct machine, case
        when machine = 'attempt' then subject || '/' || to_state
        when starts then subject || '/started/' || start
        else subject || '/ended' end as change
    from steps
    where at > now() - $1 * interval '1 hour' and (
      machine = 'attempt' and to_state in ('HELD', 'PAID', 'FAILED')
      or machine = 'order' and starts
      or machine = 'order' and to_state in ('sent', 'received') and ending = 1)),
  told as (
    select case
        when subject like 'actions.%' then concat_ws('/',
          payload ->> 'actionId', payload ->> 'attempt', payload ->> 'state')
        when subject like 'transmissions.%.started' then concat_ws('/',
          payload ->> 'uuid', 'started', payload ->> 'attempt')
        when subject like 'transmissions.%.ended' then concat_ws('/', payload ->> 'uuid', 'ended')
      end as change
    from outbox where kind = 'event'),
  announced as (
    select machine, change, count(told.change) as times
    from due left join told using (change) group by machine, change)
  select machine || ' ' || change as id from announced`;

export const eventChecks: readonly Check[] = [
  {
    name: 'every announced change has its event',
    offenders: `${ANNOUNCED} where times = 0`,
    values: kept,
  },
  {
    name: 'no change is announced twice',
    offenders: `${ANNOUNCED} where times > 1`,
    values: kept,
  },
];

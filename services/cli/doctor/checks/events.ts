import type { Check, Settings } from '../check.js';

/** Delivered rows are deleted after this time: only younger ones must still be there. */
const kept = ({ outboxKeepHours }: Settings): readonly unknown[] => [outboxKeepHours];

/** Each change that had to be announced, with how often it is in the outbox. */
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
  events as (
    select case
        when subject like 'actions.%' then concat_ws('/',
          payload ->> 'actionId', payload ->> 'attempt', payload ->> 'state')
        when subject like 'transmissions.%.started' then concat_ws('/',
          payload ->> 'uuid', 'started', payload ->> 'attempt')
        when subject like 'transmissions.%.ended' then concat_ws('/', payload ->> 'uuid', 'ended')
      end as change
    from outbox where kind = 'event'),
  announced as (
    select machine, change, count(events.change) as times
    from due left join events using (change) group by machine, change)
  select machine || ' ' || change as id from announced`;

export const eventChecks: readonly Check[] = [
  {
    name: 'every change to announce has its event',
    offenders: `${ANNOUNCED} where times = 0`,
    values: kept,
  },
  {
    name: 'no change is announced twice',
    offenders: `${ANNOUNCED} where times > 1`,
    values: kept,
  },
];

import type { Check, Settings } from '../check.js';

const grace = ({ graceSeconds }: Settings): readonly unknown[] => [graceSeconds];

/** What has to happen in time. At rest the grace is negative: nothing may be open at all. */
export const inTimeChecks: readonly Check[] = [
  {
    name: 'no open attempt or order is overdue',
    inTime: true,
    offenders: `
      select 'attempt ' || action_id || '/' || attempt as id from attempts
      where due_at < now() - $1 * interval '1 second'
      union all
      select 'order ' || id from orders where due_at < now() - $1 * interval '1 second'`,
    values: grace,
  },
  {
    name: 'no outbox row is overdue',
    inTime: true,
    offenders: `
      select id from outbox
      where published_at is null and available_at < now() - $1 * interval '1 second'`,
    values: grace,
  },
  {
    name: 'expired invoices are closed',
    inTime: true,
    offenders: `
      select hash as id from invoices where state in ('wanted', 'open', 'held')
        and coalesce(expires_at, created_at + expiry_seconds * interval '1 second')
          < now() - $1 * interval '1 second'`,
    values: grace,
  },
];

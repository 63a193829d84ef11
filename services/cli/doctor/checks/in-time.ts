import { mendPayment } from '../../../../engine/operator/mend.js';
import { IS_PLAIN } from '../../../../engine/payouts/wallet-secrets.js';
import type { Check, Settings } from '../check.js';

const grace = ({ graceSeconds }: Settings): readonly unknown[] => [graceSeconds];

/** Workflows, the sweep and the relay recover by themselves within this, unless somebody has to look. */
const BROKEN_AFTER_SECONDS = 600;

const since = (column: string): string =>
  `', since ' || to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC, '`;
const TRIES = `case when swept_for = due_at then sweeps else 0 end || ' tries'`;

/** What has to happen in time. At rest the grace is negative: nothing may be open at all. */
export const inTimeChecks: readonly Check[] = [
  {
    name: 'no open attempt or order is overdue',
    inTime: true,
    brokenAfterSeconds: BROKEN_AFTER_SECONDS,
    offenders: `
      select 'attempt ' || action_id || '/' || attempt || ${since('due_at')} || ${TRIES}
        || ' (${mendPayment("' || action_id || '")})' as id
      from attempts where due_at < now() - $1 * interval '1 second'
      union all
      select 'order ' || id || ${since('due_at')} || ${TRIES} || ' (${mendPayment("' || id || '")})'
      from orders where due_at < now() - $1 * interval '1 second'`,
    values: grace,
  },
  {
    name: 'no outbox row is overdue',
    inTime: true,
    brokenAfterSeconds: BROKEN_AFTER_SECONDS,
    offenders: `
      select id || ': ' || kind || ' of ' || subject || ${since('due_since')} || attempts || ' tries'
        || coalesce(', ' || left(last_error, 100), '') as id
      from outbox
      where published_at is null and due_since < now() - $1 * interval '1 second'`,
    values: grace,
  },
  {
    name: 'what follows a payment or a failure is done',
    inTime: true,
    brokenAfterSeconds: BROKEN_AFTER_SECONDS,
    offenders: `
      select action_id || '/' || attempt || ${since('created_at')} || tries || ' tries of ' || kind
        || coalesce(', ' || left(last_error, 100), '') || ' (${mendPayment("' || action_id || '")})' as id
      from effects where done_at is null and created_at < now() - $1 * interval '1 second'`,
    values: grace,
  },
  {
    name: 'the node knows every payment that it had begun',
    inTime: true,
    brokenAfterSeconds: BROKEN_AFTER_SECONDS,
    offenders: `
      select hash || ${since('forgotten_at')} || 'the right node, or quittance action decide '
        || action_id as id
      from payments where state = 'open' and forgotten_at < now() - $1 * interval '1 second'`,
    values: grace,
  },
  {
    name: 'secrets of wallets are encrypted',
    inTime: true,
    brokenAfterSeconds: BROKEN_AFTER_SECONDS,
    offenders: `
      select w.id || ${since('w.created_at')} || 'quittance intake rotate' as id
      from wallets w where ${IS_PLAIN} and w.created_at < now() - $1 * interval '1 second'`,
    values: grace,
  },
  {
    name: 'tables that are dropped after their time begin anew in time',
    inTime: true,
    brokenAfterSeconds: 86_400,
    offenders: `
      select name || ${since('began_at')} || 'rows are to be kept for ' || keep as id
      from rotations where began_at + keep + interval '1 hour' < now() - greatest($1, 0) * interval '1 second'`,
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

import { healIncident, raiseIncident } from '../incidents/raise.js';
import { type Check, inCheck, isUnverifiable, valueOf } from './check.js';

/** Fewer pauses say nothing about what is usual. */
const ENOUGH_PAUSES = 50;
/** The usual is measured by other weeks: what is longer than 99 % of them by half is asked about. */
const MARGIN = 1.5;

/**
 * No delivery for longer than is usual at this hour. The store is asked whether anything was modified since: a quiet store is well.
 * Pauses are compared with those that began in the same part of the day and week, in the store's zone.
 */
export async function checkSilence(check: Check): Promise<void> {
  const { store, context, api } = check;
  const { rows } = await context.pool.query<{ silent: boolean; last: Date }>(
    `with events as (
       select received_at at, lag(received_at) over (order by received_at) before from store_events
       where store = $1 and verified and received_at > clock_timestamp() - interval '28 days' / $3::float8),
     last as (select max(at) at from events),
     pauses as (
       select extract(epoch from e.at - e.before) seconds from events e, last
       where e.before is not null and ${classOf('e.before')} = ${classOf('last.at')})
     select last.at as last,
       (select count(*) >= ${ENOUGH_PAUSES} and extract(epoch from clock_timestamp() - last.at) >
          ${MARGIN} * greatest(percentile_cont(0.99) within group (order by seconds), $4 / $3::float8) from pauses) as silent
     from last where last.at is not null`,
    [store.id, store.zone, store.clockRate, store.settings.graceSeconds],
  );
  const [row] = rows;
  if (row === undefined) return;
  if (!row.silent) return heal(check);
  if (api === undefined || isUnverifiable(check)) return tell(check, false, row.last);
  // In the store's time, after the grace: what is younger may still come.
  const { rows: heard } = await context.pool.query<{ at: Date | null }>(
    'select max(heard_modified_at) as at from store_orders where store = $1',
    [store.id],
  );
  const after = heard[0]?.at ?? store.installedAt;
  const before = new Date(store.storeNow.getTime() - store.settings.graceSeconds * 1000);
  if (before <= after) return;
  const query = { modifiedAfter: after, modifiedBefore: before, statuses: ['any'] };
  const page = await valueOf(
    check,
    await api.orders({ ...query, orderBy: 'modified', page: 1, perPage: 1 }),
  );
  if (page === undefined) return;
  if (page.total === 0) return heal(check);
  return tell(check, true, row.last);
}

/** $2: the zone. Working day or weekend, and quarter of the day. */
function classOf(at: string): string {
  const local = `(${at} at time zone $2)`;
  return `(extract(isodow from ${local}) > 5, floor(extract(hour from ${local}) / 6))`;
}

async function heal(check: Check): Promise<void> {
  const { id: store } = check.store;
  await inCheck(check, (tx) => healIncident(tx, { store, kind: 'silence', cause: 'deliveries' }));
}

async function tell(check: Check, verified: boolean, last: Date): Promise<void> {
  const { id: store } = check.store;
  const says = verified
    ? 'The store has changed orders meanwhile.'
    : 'The store could not be asked.';
  await inCheck(check, (tx) =>
    raiseIncident(tx, {
      ...{ store, kind: 'silence', cause: 'deliveries', verified },
      summary: `No delivery since ${last.toISOString()}, longer than is usual at this hour. ${says}`,
    }),
  );
}

import { isSilent } from '../../../domain/intake/silence.js';
import { healIncident, raiseIncident } from '../incidents/raise.js';
import { type Check, inCheck, isUnverifiable, valueOf } from './check.js';

/** So many days, and the latest deliveries of them, say what is usual. */
const DAYS = 28;
const MOST_EVENTS = 20_000;

/**
 * No delivery for longer than is usual at this hour of the week. The store is asked whether anything was modified since: a quiet store is
 * well. All in the store's time and zone.
 */
export async function checkSilence(check: Check): Promise<void> {
  const { store, context, api } = check;
  const { rows } = await context.pool.query<{ at: Date }>(
    `select s.clock_store_at + (e.received_at - s.clock_database_at) * s.clock_rate as at
     from store_events e join stores s on s.id = e.store
     where e.store = $1 and e.verified and e.received_at > clock_timestamp() - $2 * interval '1 day' / s.clock_rate
     order by e.received_at desc limit $3`,
    [store.id, DAYS, MOST_EVENTS],
  );
  const [last] = rows;
  if (last === undefined) return;
  const events = rows.map(({ at }) => at).reverse();
  const { graceSeconds } = store.settings;
  const silentSeconds = (store.storeNow.getTime() - last.at.getTime()) / 1000;
  if (silentSeconds <= graceSeconds || !isSilent(events, store.storeNow, store.zone)) {
    return heal(check);
  }
  if (api === undefined || isUnverifiable(check)) return tell(check, false, last.at);
  // After the grace: what is younger may still come.
  const { rows: heard } = await context.pool.query<{ at: Date | null }>(
    'select max(heard_modified_at) as at from store_orders where store = $1',
    [store.id],
  );
  const after = heard[0]?.at ?? store.installedAt;
  const before = new Date(store.storeNow.getTime() - graceSeconds * 1000);
  if (before <= after) return;
  const query = { modifiedAfter: after, modifiedBefore: before, statuses: ['any'] };
  const page = await valueOf(
    check,
    await api.orders({ ...query, orderBy: 'modified', page: 1, perPage: 1 }),
  );
  if (page === undefined) return;
  return page.total === 0 ? heal(check) : tell(check, true, last.at);
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

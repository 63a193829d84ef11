import type { ClientBase } from 'pg';
import type { IncidentKind, Severity } from '../../../domain/intake/incidents/kinds.js';
import { wakeNotices } from './wake-notices.js';

export interface RaisedIncident {
  readonly store: string;
  readonly kind: IncidentKind;
  /** Tells apart what is wrong at the same time for different reasons. */
  readonly cause: string;
  /** One or two sentences for mail and pages; chat has its own words. At most 1000 characters. */
  readonly summary: string;
  readonly orderIds?: readonly bigint[];
  /** Added to those there are. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whether the store itself confirmed it. It stays verified. */
  readonly verified: boolean;
  /** Default: `alert`. */
  readonly severity?: Severity;
}

interface Written {
  readonly id: bigint;
  readonly opened: boolean;
  readonly nowVerified: boolean;
  readonly added: boolean;
}

/**
 * Opens an incident, or adds to the one that is open for the same store, kind and cause. Raising the same again changes nothing
 * but `raised_at`. In the caller's transaction; notices are given later (advance.ts).
 */
export async function raiseIncident(
  client: ClientBase,
  incident: RaisedIncident,
): Promise<{ readonly id: bigint; readonly opened: boolean }> {
  const { store, kind, cause, summary, details = {}, verified, severity = 'alert' } = incident;
  const before = await lockOpen(client, incident);
  const { rows } = await client.query<Written>(
    `with raised as (
       insert into incidents (store, kind, cause, summary, details, severity, verified_at)
       values ($1, $2, $3, $4, $5, $6, case when $7 then clock_timestamp() end)
       on conflict (store, kind, cause) where healed_at is null do update set
         summary = excluded.summary,
         details = incidents.details || excluded.details,
         severity = case when excluded.severity = 'alert' then 'alert' else incidents.severity end,
         verified_at = coalesce(incidents.verified_at, excluded.verified_at),
         raised_at = clock_timestamp()
       -- Of a row that was only updated xmax is this transaction.
       returning id, verified_at, xmax = 0 as opened),
     added as (
       insert into incident_orders (incident_id, order_id)
       select raised.id, o from raised, (select distinct unnest($8::bigint[])) orders (o) order by o
       on conflict (incident_id, order_id) do update set healed_at = null, added_at = clock_timestamp()
         where incident_orders.healed_at is not null
       returning 1)
     select id, opened, verified_at is not null as "nowVerified", exists (select from added) as added from raised`,
    [
      ...[store, kind, cause, summary, JSON.stringify(details), severity, verified],
      incident.orderIds ?? [],
    ],
  );
  const [written] = rows;
  if (written === undefined) throw new Error(`incident ${store}/${kind}/${cause} was not written`);
  const { opened } = written;
  const news = opened || written.added || written.nowVerified !== before?.verified;
  if (news) await tellNews(client, store, written.id, kind);
  return { id: written.id, opened };
}

interface Open {
  readonly id: bigint;
  readonly verified: boolean;
}

async function lockOpen(
  client: ClientBase,
  { store, kind, cause }: Pick<RaisedIncident, 'store' | 'kind' | 'cause'>,
): Promise<Open | undefined> {
  const { rows } = await client.query<Open>(
    `select id, verified_at is not null as verified from incidents
     where store = $1 and kind = $2 and cause = $3 and healed_at is null for update`,
    [store, kind, cause],
  );
  return rows[0];
}

async function tellNews(
  client: ClientBase,
  store: string,
  id: bigint,
  kind: IncidentKind,
): Promise<void> {
  await client.query(
    'update incidents set news_at = clock_timestamp(), due_at = clock_timestamp() where id = $1',
    [id],
  );
  await wakeNotices(client, store, `incident ${id}: ${kind}`);
}

export interface HealedIncident {
  readonly store: string;
  readonly kind: IncidentKind;
  readonly cause: string;
  /** Only these are well again: the incident ends with its last order. Left out: the whole incident. */
  readonly orderIds?: readonly bigint[];
}

/** Ends the open incident, if there is one. Gives whether it ended now. In the caller's transaction. */
export async function healIncident(client: ClientBase, healed: HealedIncident): Promise<boolean> {
  const { store, orderIds } = healed;
  const open = await lockOpen(client, healed);
  return open !== undefined && endIncident(client, { store, id: open.id, by: 'itself', orderIds });
}

interface EndedIncident {
  readonly store: string;
  readonly id: bigint;
  readonly by: 'itself' | 'operator';
  readonly orderIds?: readonly bigint[] | undefined;
}

/** The caller has locked the row. */
export async function endIncident(
  client: ClientBase,
  { store, id, by, orderIds }: EndedIncident,
): Promise<boolean> {
  await client.query(
    `update incident_orders set healed_at = clock_timestamp()
     where incident_id = $1 and healed_at is null and ($2::bigint[] is null or order_id = any ($2))`,
    [id, orderIds ?? null],
  );
  const { rowCount } = await client.query(
    `update incidents set healed_at = clock_timestamp(), healed_by = $2, due_at = clock_timestamp()
     where id = $1 and healed_at is null
       and not exists (select from incident_orders where incident_id = $1 and healed_at is null)`,
    [id, by],
  );
  if (rowCount !== 1) return false;
  await wakeNotices(client, store, `incident ${id} is over`);
  return true;
}

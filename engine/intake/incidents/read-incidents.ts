import type { Pool } from 'pg';
import type { IncidentKind, Severity } from '../../../domain/intake/incidents/kinds.js';
import type { NoticeKind } from '../../../domain/intake/incidents/policy.js';
import { Refusal } from '../../../domain/refusal.js';

export interface Incident {
  readonly id: bigint;
  readonly store: string;
  readonly kind: IncidentKind;
  readonly cause: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly openedAt: Date;
  readonly raisedAt: Date;
  readonly verifiedAt: Date | null;
  readonly healedAt: Date | null;
  readonly healedBy: 'itself' | 'operator' | null;
  readonly mutedUntil: Date | null;
  /** Notices given so far. */
  readonly notices: number;
  readonly toldAt: Date | null;
  readonly orders: number;
  readonly openOrders: number;
}

export interface WholeIncident extends Incident {
  /** A JSON object: the schema says so. */
  readonly details: Record<string, unknown>;
  readonly orderIds: readonly bigint[];
  readonly told: readonly { readonly step: number; readonly what: NoticeKind; readonly at: Date }[];
}

const COLUMNS = `i.id, i.store, i.kind, i.cause, i.severity, i.summary, i.opened_at as "openedAt", i.raised_at as "raisedAt",
  i.verified_at as "verifiedAt", i.healed_at as "healedAt", i.healed_by as "healedBy",
  least(i.muted_until, case when i.muted_until is not null then timestamptz '9999-12-31' end) as "mutedUntil", i.step as notices, i.told_at as "toldAt",
  (select count(*)::int from incident_orders o where o.incident_id = i.id) as orders,
  (select count(*)::int from incident_orders o where o.incident_id = i.id and o.healed_at is null) as "openOrders"`;

export interface IncidentFilter {
  readonly store: string | undefined;
  readonly open: boolean | undefined;
  readonly before: bigint | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function readIncidents(pool: Pool, filter: IncidentFilter): Promise<Incident[]> {
  const { rows } = await pool.query<Incident>(
    `select ${COLUMNS} from incidents i
     where ($1::text is null or i.store = $1) and ($2::bool is null or (i.healed_at is null) = $2) and ($3::bigint is null or i.id < $3)
     order by i.id desc limit $4`,
    [filter.store ?? null, filter.open ?? null, filter.before ?? null, filter.limit],
  );
  return rows;
}

const SHOWN_ORDERS = 1000;

/** With at most 1000 of its orders. Throws Refusal `incident.not_found`. */
export async function readIncident(pool: Pool, id: bigint): Promise<WholeIncident> {
  const { rows } = await pool.query<Omit<WholeIncident, 'told'>>(
    `select ${COLUMNS}, i.details,
       array(select order_id from incident_orders o where o.incident_id = i.id order by order_id limit $2) as "orderIds"
     from incidents i where i.id = $1`,
    [id, SHOWN_ORDERS],
  );
  const [incident] = rows;
  if (incident === undefined) throw new Refusal('incident.not_found', `there is no incident ${id}`);
  const { rows: told } = await pool.query<WholeIncident['told'][number]>(
    'select step, what, at from incident_notices where incident_id = $1 order by step',
    [id],
  );
  return { ...incident, told };
}

import type { Pool } from 'pg';

export interface ParticipantView {
  readonly orderId: bigint;
  readonly lineItem: bigint;
  readonly position: number;
  readonly name: string;
  readonly email: string;
  readonly product: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly savedAt: Date;
  readonly changedAt: Date | null;
  readonly removedAt: Date | null;
  readonly erasedAt: Date | null;
  /** Of the newest version; null where there is none. */
  readonly slip: {
    readonly version: number;
    readonly mail: string;
    readonly validity: string;
    readonly sentAt: string | null;
    readonly lastError: string | null;
  } | null;
}

export interface ParticipantPosition {
  readonly orderId: bigint;
  readonly lineItem: bigint;
  readonly position: number;
}

/** By order, line item and position, after that one; of one order, or of all. */
export async function readParticipantsOf(
  pool: Pool,
  store: string,
  {
    orderId = null,
    after,
    limit,
  }: {
    readonly orderId?: bigint | null;
    readonly after: ParticipantPosition;
    readonly limit: number;
  },
): Promise<ParticipantView[]> {
  const { rows } = await pool.query<ParticipantView>(
    `select p.order_id as "orderId", p.line_item as "lineItem", p.position, p.name, p.email, p.product, p.fields,
       p.saved_at as "savedAt", p.changed_at as "changedAt", p.removed_at as "removedAt", p.erased_at as "erasedAt", s.slip
     from participants p
     left join lateral (
       select json_build_object('version', version, 'mail', mail, 'validity', validity, 'sentAt', to_char(
         sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'lastError', last_error) as slip
       from slips s where s.store = p.store and s.order_id = p.order_id and s.line_item = p.line_item and s.position = p.position
       order by version desc limit 1) s on true
     where p.store = $1 and ($2::bigint is null or p.order_id = $2) and (p.order_id, p.line_item, p.position) > ($3, $4, $5)
     order by p.order_id, p.line_item, p.position limit $6`,
    [store, orderId, after.orderId, after.lineItem, after.position, limit],
  );
  return rows;
}

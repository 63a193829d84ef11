import type { ClientBase, Pool } from 'pg';

type Db = Pool | ClientBase;

/** Who did what, from where, to whom and why. */
export interface Act {
  /** An account's name, or a user of the command line's machine. */
  readonly actor: string;
  readonly actorId?: string;
  readonly role: string;
  /** Names the token that was used. */
  readonly token?: string;
  readonly via: 'http' | 'cli';
  readonly address?: string;
  /** Like `POST /v1/accounts/:name/credits`, or `operator create`. */
  readonly act: string;
  readonly target?: string;
  readonly because?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AuditRow extends Required<Omit<Act, 'actorId' | 'token' | 'address' | 'because'>> {
  readonly id: bigint;
  readonly at: Date;
  readonly token: string | null;
  readonly address: string | null;
  readonly because: string | null;
  /** Of this row and all before it, in hex. */
  readonly hash: string;
}

/**
 * Appends to the audit, whose rows are chained by their hashes; its number. In a transaction it comes last: everybody else who
 * writes to the audit waits until the commit.
 */
export async function audit(db: Db, act: Act): Promise<bigint> {
  const { rows } = await db.query<{ id: bigint }>(
    `insert into audit_log (actor_id, actor, role, token, via, address, act, target, because, detail)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
    [
      ...[act.actorId ?? null, act.actor, act.role, act.token ?? null, act.via],
      ...[act.address ?? null, act.act, act.target ?? '', act.because ?? null],
      JSON.stringify(act.detail ?? {}),
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the audit took no row');
  return row.id;
}

export interface AuditFilter {
  readonly before?: bigint;
  readonly limit: number;
  readonly actor?: string;
  readonly target?: string;
}

/** The newest first. */
export async function readAudit(
  db: Db,
  { before, limit, actor, target }: AuditFilter,
): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow>(
    `select id, at, actor, role, token, via, address, act, target, because, detail, encode(hash, 'hex') as hash
     from audit_log where ($1::bigint is null or id < $1) and ($2::text is null or actor = $2)
       and ($3::text is null or target = $3)
     order by id desc limit $4`,
    [before ?? null, actor ?? null, target ?? null, limit],
  );
  return rows;
}

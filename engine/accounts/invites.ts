import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';

type Db = Pick<ClientBase, 'query'>;

/** Amounts in msat. */
export interface Invite {
  readonly code: string;
  /** Account id. */
  readonly owner: string;
  /** For each account that it brings. */
  readonly giftMsat: Msat;
  /** Null: any number. */
  readonly mostGifts: number | null;
  readonly gifts: number;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
}

const COLUMNS = `code, owner, gift_msat as "giftMsat", most_gifts as "mostGifts", gifts, expires_at as "expiresAt",
  revoked_at as "revokedAt", created_at as "createdAt"`;

export interface NewInvite {
  /** Made here when left out. */
  readonly code?: string;
  readonly giftMsat: Msat;
  readonly mostGifts: number | null;
  /** RFC 3339; null for never. */
  readonly expiresAt: string | null;
}

const CODE_BYTES = 9;

/** The same request again gives the same invitation where it names its code. Throws Refusal `invite.code_taken`. */
export async function createInvite(tx: Db, owner: string, invite: NewInvite): Promise<Invite> {
  const { code = randomBytes(CODE_BYTES).toString('base64url'), giftMsat, mostGifts } = invite;
  await tx.query(
    `insert into invites (code, owner, gift_msat, most_gifts, expires_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [code, owner, giftMsat, mostGifts, invite.expiresAt],
  );
  const created = await findInvite(tx, code);
  if (created.owner !== owner) {
    throw new Refusal('invite.code_taken', `the code ${code} is in use`);
  }
  return created;
}

/** Throws Refusal `invite.not_found`. */
export async function findInvite(db: Db, code: string): Promise<Invite> {
  const { rows } = await db.query<Invite>(`select ${COLUMNS} from invites where code = $1`, [code]);
  const [invite] = rows;
  if (invite === undefined) throw unknown(code);
  return invite;
}

/** The newest first. */
export async function listInvites(db: Db, owner: string): Promise<Invite[]> {
  const { rows } = await db.query<Invite>(
    `select ${COLUMNS} from invites where owner = $1 order by created_at desc, code limit 200`,
    [owner],
  );
  return rows;
}

/** Whoever has the code gets nothing for it from now on. Throws Refusal `invite.not_found`. */
export async function revokeInvite(tx: Db, owner: string, code: string): Promise<Invite> {
  const { rows } = await tx.query<Invite>(
    `update invites set revoked_at = coalesce(revoked_at, clock_timestamp())
     where code = $1 and owner = $2 returning ${COLUMNS}`,
    [code, owner],
  );
  const [invite] = rows;
  if (invite === undefined) throw unknown(code);
  return invite;
}

function unknown(code: string): Refusal {
  return new Refusal('invite.not_found', `there is no invitation ${code}`);
}

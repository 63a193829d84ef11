import type { ClientBase } from 'pg';
import { type Msat, toMsat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { mediaFeeOf, uploadsIn } from '../../domain/uploads.js';

/** Files of somebody, which something shows. */
export interface ShownUploads {
  /** Account id; null for somebody without an account. */
  readonly actor: string | null;
  readonly uploads: readonly string[];
}

/** What the files that were not paid before cost, by what their owner has uploaded in the last 24 hours. */
export async function readMediaFee(
  db: Pick<ClientBase, 'query'>,
  { actor, uploads }: ShownUploads,
): Promise<Msat> {
  const { rows } = await db.query<{
    paidBytes: number;
    unpaidBytes: number;
    unpaidFiles: number;
  }>(
    `select
       coalesce((select sum(size) from uploads where owner = $1 and paid_at is not null
         and created_at > clock_timestamp() - interval '24 hours'), 0)::float8 as "paidBytes",
       coalesce(sum(size), 0)::float8 as "unpaidBytes", count(*)::float8 as "unpaidFiles"
     from uploads where id = any($2::uuid[]) and paid_at is null`,
    [actor, uploads],
  );
  const [volume = { paidBytes: 0, unpaidBytes: 0, unpaidFiles: 0 }] = rows;
  return mediaFeeOf({ ...volume, anonymous: actor === null });
}

/**
 * Those of the files that are the actor's own. Others' are only shown where everybody sees them already. Throws Refusal
 * `upload.not_found` where one is gone, or is another's that nobody has paid for.
 */
export async function ownUploads(
  db: Pick<ClientBase, 'query'>,
  { actor, uploads }: ShownUploads,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string; own: boolean }>(
    `select id, owner is not distinct from $2 as own from uploads
     where id = any($1::uuid[]) and (paid_at is not null or owner is not distinct from $2)
     order by id for key share`,
    [uploads, actor],
  );
  if (rows.length !== uploads.length) {
    throw new Refusal('upload.not_found', 'a file that is shown is gone, or another account’s');
  }
  return rows.filter(({ own }) => own).map(({ id }) => id);
}

/** Whether the creation of an item shows all of them, or they are seen by everybody already. */
export async function areShownBy(
  db: Pick<ClientBase, 'query'>,
  itemId: bigint,
  uploads: readonly string[],
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from unnest($2::uuid[]) as shown(id)
     where not exists (select from uploads u where u.id = shown.id and u.paid_at is not null)
       and not exists (
         select from items i join actions c on c.parent = i.action_id join upload_uses s on s.action_id = c.id
         where i.id = $1 and s.upload = shown.id)`,
    [itemId, uploads],
  );
  return rowCount === 0;
}

/** What costs nothing shows only files that everybody sees already. Throws Refusal `upload.not_found`. */
export async function refuseUnpaidFiles(
  db: Pick<ClientBase, 'query'>,
  text: string,
): Promise<void> {
  const shown = uploadsIn(text);
  if (shown.length === 0) return;
  const { rowCount } = await db.query(
    'select from uploads where id = any($1::uuid[]) and paid_at is not null',
    [shown],
  );
  if (rowCount === shown.length) return;
  throw new Refusal('upload.not_found', 'a file that is shown is gone, or nobody has paid for it');
}

/** What of an action's cost is for files. */
export async function readMediaCost(
  db: Pick<ClientBase, 'query'>,
  actionId: string,
): Promise<Msat> {
  const { rows } = await db.query<{ cost: bigint }>(
    `select coalesce(sum(cost_msat), 0)::bigint as cost from actions where parent = $1 and type = 'MEDIA_FEE'`,
    [actionId],
  );
  return toMsat(rows[0]?.cost ?? 0n);
}

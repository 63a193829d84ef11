import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';
import { mediaFeeOf } from '../../domain/uploads.js';

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

/** Whether each is there and its owner's. */
export async function areOwn(
  db: Pick<ClientBase, 'query'>,
  { actor, uploads }: ShownUploads,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'select from uploads where id = any($1::uuid[]) and owner is not distinct from $2 for key share',
    [uploads, actor],
  );
  return rowCount === uploads.length;
}

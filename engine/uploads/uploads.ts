import { createHash, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { UploadBytes } from '../../adapters/uploads/port.js';
import { inTransaction } from '../../db/transaction.js';
import { contentTypeOf, MAX_STORED_BYTES } from '../../domain/uploads.js';
import { Refusal } from '../../domain/refusal.js';

export interface Upload {
  readonly id: string;
  readonly contentType: string;
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  readonly createdAt: Date;
  readonly paidAt: Date | null;
}

const COLUMNS = `id, content_type as "contentType", size, encode(sha256, 'hex') as sha256, created_at as "createdAt",
  paid_at as "paidAt"`;

export interface UploadStore {
  readonly pool: Pool;
  readonly bytes: UploadBytes;
}

/** Files that wait to be shown: of one account, of one network without an account, and of all those together. */
const MOST_UNPAID = { account: 100, origin: 20, anonymous: 1000 } as const;
/** Any number that nobody else locks. */
const LOCK = 74218425;

/** An account, or somebody without one, of whom the network is known. */
export type Uploader = { readonly account: string } | { readonly origin: Buffer };

/**
 * Stores a file. What kind it is is read from its content. It is seen by its owner only until something that shows it is paid. Throws
 * Refusal `upload.not_taken`, `upload.too_many`.
 */
export async function storeUpload(
  { pool, bytes: store }: UploadStore,
  owner: Uploader,
  bytes: Buffer,
): Promise<Upload> {
  const contentType = contentTypeOf(bytes);
  if (contentType === undefined) {
    throw new Refusal('upload.not_taken', 'it is no PNG, JPEG, GIF, WebP, WebM or MP4');
  }
  const id = randomUUID();
  const sha256 = createHash('sha256').update(bytes).digest();
  // First: a file whose bytes are missing would be worse than bytes without a file, which are swept.
  await refuseWhereFull(pool, owner, bytes.length);
  await store.put(id, bytes);
  return inTransaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [
      ...[LOCK, 'account' in owner ? owner.account : ''],
    ]);
    await refuseWhereFull(tx, owner, bytes.length);
    const { rows } = await tx.query<Upload>(
      `insert into uploads (id, owner, origin, content_type, size, sha256) values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
      [id, ...idsOf(owner), contentType, bytes.length, sha256],
    );
    const [stored] = rows;
    if (stored === undefined) throw new Error('the upload was not written');
    return stored;
  });
}

function idsOf(owner: Uploader): [account: string | null, origin: Buffer | null] {
  return 'account' in owner ? [owner.account, null] : [null, owner.origin];
}

async function refuseWhereFull(
  db: Pick<Pool, 'query'>,
  owner: Uploader,
  size: number,
): Promise<void> {
  const { rows } = await db.query<{ unpaid: number; near: number; stored: number }>(
    `select (select count(*) from uploads where owner is not distinct from $1 and paid_at is null)::float8 as unpaid,
       (select count(*) from uploads where origin = $2 and paid_at is null)::float8 as near,
       (select coalesce(sum(size), 0) from uploads)::float8 as stored`,
    idsOf(owner),
  );
  const { unpaid = 0, near = 0, stored = 0 } = rows[0] ?? {};
  const most = 'account' in owner ? MOST_UNPAID.account : MOST_UNPAID.anonymous;
  if (unpaid >= most || near >= MOST_UNPAID.origin) {
    throw new Refusal('upload.too_many', 'too many files are not shown anywhere');
  }
  if (stored + size > MAX_STORED_BYTES) throw new Refusal('upload.too_many', 'the store is full');
}

/** As far as the viewer may see it: a paid one, or the account's own. Throws Refusal `upload.not_found`. */
export async function readUpload(
  db: Pick<Pool, 'query'>,
  id: string,
  viewer: string | null,
): Promise<Upload> {
  const { rows } = await db.query<Upload>(
    `select ${COLUMNS} from uploads where id = $1 and (paid_at is not null or owner = $2)`,
    [id, viewer],
  );
  const [upload] = rows;
  if (upload === undefined) throw new Refusal('upload.not_found', `there is no file ${id}`);
  return upload;
}

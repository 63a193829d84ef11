import { inTransaction } from '../../db/transaction.js';
import type { UploadStore } from './uploads.js';

const KEEP_DAYS = 7;
const KEEP_ANONYMOUS_DAYS = 1;
const AT_ONCE = 200;
/** An upload whose row is not written by then never will be. */
const STRAY_SECONDS = 86_400;

/**
 * Deletes files that nobody has paid for within seven days (a day without an account), unless something that shows them may still be
 * paid, and bytes without a file. Gives how many.
 */
export async function sweepUploads({ pool, bytes }: UploadStore): Promise<number> {
  const gone = await inTransaction(pool, async (tx) => {
    // Locked against whatever would begin to show them.
    const { rows } = await tx.query<{ id: string }>(
      `select id from uploads u
       where paid_at is null
         and created_at < clock_timestamp() - (case when owner is null then $1::integer else $2::integer end) * interval '1 day'
         and not exists (select from upload_uses s where s.upload = u.id and s.state = 'PENDING')
       order by created_at limit $3 for update skip locked`,
      [KEEP_ANONYMOUS_DAYS, KEEP_DAYS, AT_ONCE],
    );
    const ids = rows.map(({ id }) => id);
    await tx.query('delete from upload_uses where upload = any($1::uuid[])', [ids]);
    await tx.query('delete from uploads where id = any($1::uuid[])', [ids]);
    return ids;
  });
  const strays = await bytes.strays(STRAY_SECONDS, async (ids) => {
    const { rows } = await pool.query<{ id: string }>(
      'select id from uploads where id = any($1::uuid[])',
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  });
  await bytes.remove([...gone, ...strays]);
  return gone.length + strays.length;
}

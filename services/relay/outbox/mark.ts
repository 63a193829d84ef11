import type { ClientBase } from 'pg';
import { backoffMs } from '../backoff.js';
import type { OutboxRow } from './row.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const LONGEST_ERROR = 500;

export interface FailedRow {
  readonly row: OutboxRow;
  readonly error: string;
}

export async function markPublished(tx: ClientBase, ids: readonly bigint[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    'update outbox set published_at = clock_timestamp() where id = any($1::bigint[])',
    [ids],
  );
}

/** They are tried again, ever later, and hold back the rows of their key until then. */
export async function markFailed(tx: ClientBase, failed: readonly FailedRow[]): Promise<void> {
  if (failed.length === 0) return;
  await tx.query(
    `update outbox o
     set attempts = o.attempts + 1, last_error = f.error,
         available_at = clock_timestamp() + f.wait_ms * interval '1 millisecond'
     from unnest($1::bigint[], $2::text[], $3::float8[]) as f (id, error, wait_ms)
     where o.id = f.id`,
    [
      failed.map(({ row }) => row.id),
      failed.map(({ error }) => storable(error)),
      failed.map(({ row }) => backoffMs(row.attempts, FIRST_RETRY_MS, LONGEST_RETRY_MS)),
    ],
  );
}

/** PostgreSQL's text has no zero bytes; one in a message must not cost the batch its marks. */
function storable(text: string): string {
  return text.replaceAll('\0', '').slice(0, LONGEST_ERROR);
}

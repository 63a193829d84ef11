import type { Pool } from 'pg';

/**
 * Renames tables that are written in turns, and drops the ones before, where they are due; returns the names of those. A table that
 * somebody reads for long is left to the next time. Any number of relays may call it at once.
 */
export async function rotateTables(pool: Pool, outboxKeepHours: number): Promise<string[]> {
  const rotated: string[] = [];
  for (const [table, sql, values] of [
    ['applied_messages', 'select rotate_applied_messages() as done', []],
    [
      'outbox_delivered',
      `select rotate_outbox_delivered($1 * interval '1 hour') as done`,
      [outboxKeepHours],
    ],
  ] as const) {
    const { rows } = await pool.query<{ done: boolean }>(sql, [...values]);
    if (rows[0]?.done === true) rotated.push(table);
  }
  return rotated;
}

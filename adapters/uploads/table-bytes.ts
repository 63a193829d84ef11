import type { Pool } from 'pg';
import type { UploadBytes } from './port.js';

const STRAYS_AT_ONCE = 500;

/** Bytes of uploads in a table of PostgreSQL: every process reaches them, and a backup has them. */
export class TableBytes implements UploadBytes {
  constructor(private readonly pool: Pool) {}

  async put(id: string, bytes: Buffer): Promise<void> {
    await this.pool.query(
      'insert into upload_bytes (id, bytes) values ($1, $2) on conflict do nothing',
      [id, bytes],
    );
  }

  async get(id: string): Promise<Buffer | undefined> {
    const { rows } = await this.pool.query<{ bytes: Buffer }>(
      'select bytes from upload_bytes where id = $1',
      [id],
    );
    return rows[0]?.bytes;
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.pool.query('delete from upload_bytes where id = any($1::uuid[])', [ids]);
  }

  async strays(
    olderThanSeconds: number,
    isKnown: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<readonly string[]> {
    const strays: string[] = [];
    let after = '00000000-0000-0000-0000-000000000000';
    while (strays.length < STRAYS_AT_ONCE) {
      const { rows } = await this.pool.query<{ id: string }>(
        `select id from upload_bytes
         where id > $1 and stored_at < clock_timestamp() - $2 * interval '1 second' order by id limit $3`,
        [after, olderThanSeconds, STRAYS_AT_ONCE],
      );
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.id;
      const known = await isKnown(rows.map(({ id }) => id));
      strays.push(...rows.flatMap(({ id }) => (known.has(id) ? [] : [id])));
    }
    return strays;
  }
}

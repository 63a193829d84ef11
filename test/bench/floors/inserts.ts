import { createPool } from '../../../db/pool.js';
import { burst } from '../callers.js';
import type { Bench } from '../bench.js';
import type { Part } from '../part.js';

const CONNECTIONS = 20;
const ROWS = 10_000;

/** The most inserts per second that one Node process gets from PostgreSQL. */
export const inserts: Part = {
  name: 'inserts',
  figures: [{ id: 'floor.inserts', title: 'floor: inserts of one row', unit: 'per second' }],
  async prepare({ parts: { pool, servers } }: Bench) {
    await pool.query('create schema if not exists bench');
    await pool.query(
      'create table if not exists bench.rows (id bigint generated always as identity primary key, body jsonb not null)',
    );
    const own = createPool({
      connectionString: servers.databaseUrl,
      max: CONNECTIONS,
      applicationName: 'quittance-bench-inserts',
      onError: () => undefined,
    });
    const insert = (index: number): Promise<unknown> =>
      own.query('insert into bench.rows (body) values ($1)', [{ index }]);
    await burst(1000, insert);
    return {
      round: async () => ({ 'floor.inserts': await burst(ROWS, insert) }),
      stop: () => own.end(),
    };
  },
};

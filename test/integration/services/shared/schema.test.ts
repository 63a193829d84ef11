import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pool } from 'pg';
import { requireSchema } from '../../../../services/shared/schema.js';
import type { Service } from '../../../../services/shared/process.js';
import {
  emptyDatabase,
  migratedDatabase,
  type OwnDatabase,
  testPool,
} from '../../../support/empty-database.js';
import { waitUntil } from '../../../support/wait-until.js';
import { readiness, startBuilt } from '../built-process.helper.js';

let database: OwnDatabase;
let empty: OwnDatabase;
let pool: Pool;
beforeAll(async () => {
  [database, empty] = await Promise.all([migratedDatabase(), emptyDatabase()]);
  pool = testPool(database.url, 1);
});
afterAll(async () => {
  await pool.end();
  await Promise.all([database.drop(), empty.drop()]);
});

type Check = Parameters<Service['addCheck']>[1];

/** Gives the check that /readyz runs. Rejects as a process does that does not start. */
async function start(databaseUrl: string): Promise<Check> {
  const checks = new Map<string, Check>();
  await requireSchema({
    config: { databaseUrl } as Service['config'],
    logger: pino({ level: 'silent' }),
    addCheck: (name, check) => void checks.set(name, check),
  });
  const check = checks.get('schema');
  if (check === undefined) throw new Error('there is no check');
  return check;
}

test('a process starts on the schema of its release, and on a newer one that only adds', async () => {
  await expect(start(database.url)).resolves.toBeTypeOf('function');
  await pool.query(
    `insert into schema_migrations (version, name, checksum, duration_ms) values (9999, 'newer', '', 1)`,
  );
  await expect((await start(database.url))()).resolves.toBeUndefined();
  const relay = startBuilt('services/relay', { DATABASE_URL: database.url });
  try {
    await waitUntil('its schema fits', async () => {
      const { body } = await readiness(await relay.url);
      return body.checks['schema'] === 'ok';
    });
  } finally {
    await relay.end('SIGKILL');
    await pool.query('delete from schema_migrations where version = 9999');
  }
});

test('a process does not start on a schema that is too old, and says what to do', async () => {
  await expect(start(empty.url)).rejects.toThrow(
    /^the database lacks 0001_rails and \d+ more migrations, .* run quittance prepare/,
  );
  for (const name of ['api', 'worker', 'relay', 'lightning']) {
    const refused = startBuilt(`services/${name}`, {
      ...{ DATABASE_URL: empty.url, QUITTANCE_LOG_LEVEL: 'silent' },
      ...{ QUITTANCE_OPS_PORT: '0', QUITTANCE_API_PORT: '0' },
    });
    expect([name, await refused.exit]).toEqual([name, 1]);
  }
});

test('a process does not start on a schema that takes newer releases only', async () => {
  await pool.query('update installation set fits_from = 9998');
  await expect(start(database.url)).rejects.toThrow(/from migration 9998 on, .* a newer release$/);
  await pool.query('update installation set fits_from = 93');
});

test('a process starts while PostgreSQL is away, and is not ready until it fits', async () => {
  const check = await start('postgres://nobody@127.0.0.1:1/none');
  await expect(check()).rejects.toThrow('ECONNREFUSED');
});

import pg from 'pg';
import {
  ownMigrations,
  readSchemaState,
  SchemaMismatch,
  schemaProblem,
} from '../../db/schema-fit.js';
import type { Service } from './process.js';

const CONNECT_MS = 5_000;
/** A schema that fits is asked about again after this: a migration may run beside the process. */
const KEEP_MS = 30_000;

/**
 * A process whose release does not fit the database's schema does not start: throws {@link SchemaMismatch}. Where PostgreSQL does not
 * answer yet it starts, and is not ready until the schema is known to fit.
 */
export async function requireSchema({
  config: { databaseUrl },
  logger,
  addCheck,
}: Pick<Service, 'config' | 'logger' | 'addCheck'>): Promise<void> {
  const files = await ownMigrations();
  let fitUntil = 0;
  const check = async (): Promise<void> => {
    if (performance.now() < fitUntil) return;
    const problem = schemaProblem(files, await stateOf(databaseUrl));
    if (problem !== undefined) throw new SchemaMismatch(problem);
    fitUntil = performance.now() + KEEP_MS;
  };
  addCheck('schema', check);
  await check().catch((err: unknown) => {
    if (err instanceof SchemaMismatch) throw err;
    logger.warn({ err }, 'PostgreSQL does not tell its schema yet: not ready until it does');
  });
}

/** By a connection of its own, which is closed at once: pools may be full. */
async function stateOf(connectionString: string): ReturnType<typeof readSchemaState> {
  const client = new pg.Client({
    ...{ connectionString, application_name: 'quittance-schema' },
    ...{ connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await readSchemaState(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

import type { Pool } from 'pg';
import { pino } from 'pino';
import { loadConfigPart, redactUrl } from '../shared/config.js';
import { createPool } from '../shared/pool.js';
import { isDatabaseUnavailable } from '../../db/errors.js';
import { EXIT } from './exit-codes.js';
import { CommandError, messageOf } from './run-command.js';

/** Runs a command's work on the database of DATABASE_URL. */
export async function withPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const { databaseUrl } = loadConfigPart(['DATABASE_URL']);
  const pool = createPool({ databaseUrl, dbPoolSize: 4 }, pino({ level: 'silent' }));
  try {
    return await work(pool);
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    throw new CommandError(
      `PostgreSQL at ${redactUrl(databaseUrl)}: ${messageOf(error)}`,
      'check DATABASE_URL and that PostgreSQL runs',
      { cause: error, exitCode: EXIT.notLooked },
    );
  } finally {
    await pool.end();
  }
}

import { randomBytes } from 'node:crypto';
import pg, { type Pool } from 'pg';
import { createPool } from '../../db/pool.js';

/** Creates an empty database on the shared server. `drop` deletes it. */
export async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env['DATABASE_URL'];
  if (server === undefined) throw new Error('DATABASE_URL is not set: the global setup sets it');
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}

async function onServer(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A pool for a test. Errors of idle connections are ignored, since tests end connections and servers. */
export function testPool(connectionString: string, max: number): Pool {
  return createPool({
    connectionString,
    max,
    applicationName: 'test',
    onError: () => undefined,
  });
}

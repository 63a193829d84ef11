import pg from 'pg';
import { grantRoles, ROLE_NAMES } from '../../../db/roles.js';

const USER = 'quittance_app';

/**
 * The URL by which processes of `quittance up` reach its own PostgreSQL: as a user who may run Quittance and does not own its tables.
 * That server listens on loopback and asks for no password.
 */
export async function runtimeUrl(databaseUrl: string): Promise<string> {
  await grantRoles(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [USER]);
    if (rowCount === 0) {
      await client.query(`create role ${USER} login in role ${ROLE_NAMES.runtime}`);
    }
  } finally {
    await client.end();
  }
  const url = new URL(databaseUrl);
  url.username = USER;
  url.password = '';
  return url.href;
}

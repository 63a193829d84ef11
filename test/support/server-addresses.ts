import pg from 'pg';
import { inject, type ProvidedContext } from 'vitest';
import { waitUntil } from './wait-until.js';

type Addresses = ProvidedContext['servers'][number];

const LOCK = 1;

/**
 * Puts the addresses of the shared servers into the environment, where our processes expect them. Where there are several sets, a file
 * has one for itself as long as its process lives: numbers of workers are not unique while an earlier worker ends.
 */
const own = await ownServers(inject('servers'));
process.env['DATABASE_URL'] = own.databaseUrl;
process.env['NATS_URL'] = own.natsUrl;
process.env['TEMPORAL_ADDRESS'] = own.temporalAddress;

async function ownServers(sets: readonly Addresses[]): Promise<Addresses> {
  let taken = sets.length === 1 ? sets[0] : undefined;
  if (taken === undefined) {
    await waitUntil('servers are free', async () => {
      for (const set of sets) taken ??= (await take(set)) ? set : undefined;
      return taken !== undefined;
    });
  }
  if (taken === undefined) throw new Error('no servers were started');
  return taken;
}

/** The lock is held by a connection that ends with this process. */
async function take({ databaseUrl }: Addresses): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ free: boolean }>(
    'select pg_try_advisory_lock($1) as free',
    [LOCK],
  );
  const free = rows[0]?.free === true;
  if (!free) await client.end();
  return free;
}

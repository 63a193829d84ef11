import { inject } from 'vitest';

/**
 * Puts the addresses of the shared servers into the environment, where our processes expect them. Where there is a
 * set of servers for each worker, files that run at the same time have different ones.
 */
const sets = inject('servers');
const worker = Number(process.env['VITEST_POOL_ID'] ?? '1') - 1;
const own = sets[worker % sets.length];
if (own === undefined) throw new Error('no servers were started');
process.env['DATABASE_URL'] = own.databaseUrl;
process.env['NATS_URL'] = own.natsUrl;
process.env['TEMPORAL_ADDRESS'] = own.temporalAddress;

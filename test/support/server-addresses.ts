import { inject } from 'vitest';

/** Tests find the servers of the run as any process of ours does: in the environment. */
process.env['DATABASE_URL'] = inject('databaseUrl');
process.env['NATS_URL'] = inject('natsUrl');
process.env['TEMPORAL_ADDRESS'] = inject('temporalAddress');

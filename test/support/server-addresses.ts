import { inject } from 'vitest';

/** Puts the addresses of the shared servers into the environment, where our processes expect them. */
process.env['DATABASE_URL'] = inject('databaseUrl');
process.env['NATS_URL'] = inject('natsUrl');
process.env['TEMPORAL_ADDRESS'] = inject('temporalAddress');

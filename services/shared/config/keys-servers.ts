import { z } from 'zod';
import { optional, required, withDefault } from './key.js';
import {
  failpointList,
  hostAndPort,
  httpUrl,
  listOf,
  natsUrl,
  port,
  postgresUrl,
  text,
  wholeNumber,
} from './values.js';

/** Stands in outside production, so that a first start needs nothing. */
export const DEVELOPMENT_SECRET = 'quittance-development-secret-not-for-production';

export const serverKeys = {
  DATABASE_URL: required(postgresUrl, { description: 'Where PostgreSQL listens.', url: true }),
  NATS_URL: required(natsUrl, {
    description: 'Where NATS with JetStream listens; several servers are separated by commas.',
    url: true,
  }),
  TEMPORAL_ADDRESS: required(hostAndPort, { description: "Temporal's frontend, host:port." }),
  QUITTANCE_TEMPORAL_NAMESPACE: withDefault(text, 'default', {
    description: "Temporal's namespace.",
  }),
  QUITTANCE_LIGHTNING_URL: withDefault(httpUrl, 'http://127.0.0.1:7421', {
    description: 'The Lightning node: where the simulated node listens and is called.',
    url: true,
  }),
  QUITTANCE_DB_POOL_SIZE: withDefault(wholeNumber(1, 1000), '10', {
    description: 'Connections to PostgreSQL a process holds at most.',
    unit: 'connections',
  }),
};

/** Read by `quittance up` and by the tests only. */
export const commandLineKeys = {
  QUITTANCE_DATA_DIR: optional(text, {
    description:
      'Where `quittance up` keeps the data of its servers, its logs and the operator token; .quittance/ in the project when it is not set.',
  }),
  QUITTANCE_SERVERS: withDefault(
    listOf(['environment', 'path', 'npm', 'built', 'download']),
    'environment,path,npm,built,download',
    {
      description:
        'Where PostgreSQL, NATS and Temporal may come from: an address in the environment, a binary on PATH, an npm package, built by Go, a download.',
    },
  ),
};

export const processKeys = {
  QUITTANCE_ENV: withDefault(z.enum(['development', 'test', 'production']), 'development', {
    description: 'production refuses the built-in secret.',
  }),
  QUITTANCE_SECRET: withDefault(z.string().min(32), DEVELOPMENT_SECRET, {
    description:
      'The master secret, 32 characters or more, from which the keys of tokens and preimages are derived. Must be given in production; changing it orphans the invoices that are open.',
    secret: true,
  }),
  QUITTANCE_FAILPOINTS: optional(failpointList, {
    description:
      'For tests, refused in production: places where the process kills itself, like `after-open-commit@3` (the third time) or `in-message-transaction@5~1000` (waits 1000 ms every fifth time instead), separated by commas.',
  }),
  QUITTANCE_LOG_LEVEL: withDefault(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    { description: 'The least severe level that is logged.' },
  ),
  QUITTANCE_API_HOST: withDefault(text, '127.0.0.1', {
    description: 'The address the API listens on.',
  }),
  QUITTANCE_API_PORT: withDefault(port, '8420', {
    description: 'The port the API listens on; 0 takes any free one.',
  }),
  QUITTANCE_API_URL: withDefault(httpUrl, 'http://127.0.0.1:8420', {
    description: 'Where others reach the API: stations fetch their messages there.',
    url: true,
  }),
  QUITTANCE_OPS_HOST: withDefault(text, '127.0.0.1', {
    description: 'The address on which processes other than the API show their health and metrics.',
  }),
  QUITTANCE_OPS_PORT: withDefault(port, '0', {
    description: 'The port of the same; 0 takes any free one, which is logged.',
  }),
};

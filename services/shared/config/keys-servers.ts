import { z } from 'zod';
import { optional, required, withDefault } from './key.js';
import {
  addresses,
  failpointList,
  formerSecrets,
  hostAndPort,
  httpUrl,
  listOf,
  natsUrl,
  origins,
  port,
  mailSender,
  moduleList,
  postgresUrl,
  seconds,
  smtpUrl,
  storeKeys,
  text,
  wholeNumber,
} from './values.js';

/** The default outside production, so that a first start needs no configuration. */
export const DEVELOPMENT_SECRET = 'quittance-development-secret-not-for-production';

export const serverKeys = {
  DATABASE_URL: required(postgresUrl, { description: "PostgreSQL's URL.", url: true }),
  DATABASE_DIRECT_URL: optional(postgresUrl, {
    description:
      'Where DATABASE_URL is a pooler in transaction mode: the URL of PostgreSQL itself, for what takes a session of its own (LISTEN, the locks of the process lightning and of the nightly trust, migrations).',
    url: true,
  }),
  NATS_URL: required(natsUrl, {
    description: 'The URL of NATS with JetStream; several servers are separated by commas.',
    url: true,
  }),
  QUITTANCE_NATS_REPLICAS: optional(wholeNumber(1, 5), {
    description:
      'The copies of each stream; 3 in a cluster. Not set: streams stay as they are, and new ones have one copy.',
    unit: 'copies',
  }),
  TEMPORAL_ADDRESS: required(hostAndPort, { description: "Temporal's frontend, host:port." }),
  QUITTANCE_TEMPORAL_NAMESPACE: withDefault(text, 'default', {
    description: "Temporal's namespace.",
  }),
  QUITTANCE_TEMPORAL_RETENTION_DAYS: withDefault(wholeNumber(1, 365), '30', {
    description:
      'How long Temporal keeps the histories of finished workflows. Set by `quittance prepare` when it makes the namespace, or finds another value there.',
    unit: 'days',
  }),
  QUITTANCE_LIGHTNING_URL: withDefault(httpUrl, 'http://127.0.0.1:7421', {
    description: 'The URL of the Lightning node. The process lightning-simulator listens there.',
    url: true,
  }),
  QUITTANCE_LIGHTNING_BACKEND: withDefault(z.enum(['simulator', 'lnd']), 'simulator', {
    description:
      'What the Lightning node is: the simulator, or lnd 0.21 or later (docs/lightning.md).',
  }),
  QUITTANCE_LND_ADDRESS: optional(hostAndPort, {
    description: "lnd's gRPC address, host:port.",
  }),
  QUITTANCE_LND_CERTIFICATE: optional(text, {
    description: "The path of lnd's tls.cert. It is read again when it changes.",
  }),
  QUITTANCE_LND_MACAROON: optional(text, {
    description:
      'The path of the macaroon of this process: only relays and workers need one that can send. It is read again when it changes.',
  }),
  QUITTANCE_LIGHTNING_NETWORK: optional(z.enum(['mainnet', 'testnet', 'signet', 'regtest']), {
    description: 'The network that the node has to be on; without it, any.',
  }),
  QUITTANCE_LIGHTNING_NODE: optional(z.string().regex(/^0[23][0-9a-f]{64}$/), {
    description:
      'The public key that the node has to have; without it, any. Set it: an answer of another node about an invoice decides nothing.',
  }),
  QUITTANCE_STORE_SIMULATOR_URL: withDefault(httpUrl, 'http://127.0.0.1:7422', {
    description:
      'The URL at which the process store-simulator, a simulated WooCommerce store, listens.',
    url: true,
  }),
  QUITTANCE_SMTP_URL: optional(smtpUrl, {
    description:
      'The mail server for notices: smtps://user:password@host:465, or smtp:// for STARTTLS, without which no mail is sent. Not set: channels for mail fail visibly.',
    url: true,
  }),
  QUITTANCE_SMTP_CA: optional(text, {
    description: 'A PEM file of certificates that the mail server may have besides public ones.',
  }),
  QUITTANCE_MAIL_FROM: withDefault(mailSender, 'Quittance <quittance@localhost>', {
    description: 'The sender of mail.',
  }),
  QUITTANCE_DB_POOL_SIZE: withDefault(wholeNumber(1, 1000), '10', {
    description: 'The maximum number of connections to PostgreSQL per process for payments.',
    unit: 'connections',
  }),
  QUITTANCE_DB_READS_POOL_SIZE: withDefault(wholeNumber(1, 1000), '10', {
    description: "The maximum number of connections per process for the API's reads.",
    unit: 'connections',
  }),
  QUITTANCE_DB_OTHER_POOL_SIZE: withDefault(wholeNumber(1, 1000), '4', {
    description:
      'The maximum number of connections per process for confirmations, as many again for cancellations, and for calls to the node.',
    unit: 'connections',
  }),
};

/** Only for the command line and for tests. */
export const commandLineKeys = {
  QUITTANCE_DATA_DIR: optional(text, {
    description:
      'The folder in which `quittance up` keeps the data of its servers, its logs and the operator token; by default .quittance/ in the project.',
  }),
  QUITTANCE_SERVERS: withDefault(
    listOf(['environment', 'path', 'npm', 'built', 'download']),
    'environment,path,npm,built,download',
    {
      description:
        'Allowed sources of PostgreSQL, NATS and Temporal: an address in the environment, a binary on PATH, an npm package, a build by Go, a download.',
    },
  ),
};

export const processKeys = {
  QUITTANCE_ENV: withDefault(z.enum(['development', 'test', 'production']), 'development', {
    description:
      'In production the built-in secret, weak ones, simulators, failpoints and switches for tests are refused or off.',
  }),
  QUITTANCE_SECRET: withDefault(z.string().min(32), DEVELOPMENT_SECRET, {
    description:
      'The master secret, 32 characters or more, from which the keys of tokens and preimages are derived. Must be set in production. When it is changed, the one before goes into QUITTANCE_FORMER_SECRETS.',
    secret: true,
  }),
  QUITTANCE_FORMER_SECRETS: withDefault(formerSecrets, 'none', {
    description:
      'Master secrets of before, separated by commas: tokens of orders, capabilities, start tokens and invoices that were made with them stay valid. None for none.',
    secret: true,
  }),
  QUITTANCE_STORE_KEY: optional(storeKeys, {
    description:
      'Keys by which secrets of stores, webhooks and wallets are encrypted, as version:64 hex digits, separated by commas. The highest version encrypts; keep older ones until `quittance intake rotate` has run. Must be set in production.',
    secret: true,
  }),
  QUITTANCE_EXTENSIONS: withDefault(moduleList, 'none', {
    description:
      'Packages that add action types: names of modules that are installed beside Quittance, or paths, separated by commas. The same for all processes, for `quittance migrate` and `quittance doctor`. None for none.',
  }),
  QUITTANCE_FAILPOINTS: optional(failpointList, {
    description:
      'For tests, refused in production: points where the process kills itself, like `after-open-commit@3` (at the third pass), or waits, like `in-message-transaction@5~1000` (1000 ms at every fifth pass), separated by commas.',
  }),
  QUITTANCE_LOG_LEVEL: withDefault(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    { description: 'The lowest level that is logged.' },
  ),
  QUITTANCE_API_HOST: withDefault(text, '127.0.0.1', {
    description: 'The address the API listens on.',
  }),
  QUITTANCE_API_PORT: withDefault(port, '8420', {
    description: 'The port the API listens on; 0 takes any free one.',
  }),
  QUITTANCE_TRUSTED_PROXIES: withDefault(addresses, 'none', {
    description:
      'Addresses or networks of proxies whose X-Forwarded-For names the caller, separated by commas; none when callers connect directly. Limits of callers without an account go by it.',
  }),
  QUITTANCE_CORS_ORIGINS: withDefault(origins, 'none', {
    description:
      'Origins whose pages may call /v1 from a browser, separated by commas; * for all, none for none. The Satellite API and the reads of the Aleph network are open to all pages, as their own are.',
  }),
  QUITTANCE_API_DOCS: withDefault(z.enum(['on', 'off']), 'on', {
    description: 'Whether the API serves its documentation at /docs and /openapi.json.',
  }),
  QUITTANCE_API_HEADERS_SECONDS: withDefault(seconds, '20', {
    description:
      'How long the head of a request to the API may take to arrive. A slower one is answered with 408 within five seconds more.',
    unit: 'seconds',
  }),
  QUITTANCE_API_REQUEST_SECONDS: withDefault(seconds, '120', {
    description: 'The same for the whole request, head and body.',
    unit: 'seconds',
  }),
  QUITTANCE_API_URL: withDefault(httpUrl, 'http://127.0.0.1:8420', {
    description:
      'The URL at which other processes reach the API; ground stations fetch messages there.',
    url: true,
  }),
  QUITTANCE_OPS_HOST: withDefault(text, '127.0.0.1', {
    description:
      'The address on which each process serves health and metrics. Beyond loopback, /metrics takes a token of the scope metrics.',
  }),
  QUITTANCE_OPS_PORT: withDefault(port, '0', {
    description: 'The port for health and metrics; 0 takes any free one, which is logged.',
  }),
};

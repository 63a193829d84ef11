const SECRETS = {
  DATABASE_URL: { secret: 'quittance', key: 'database' },
  NATS_URL: { secret: 'quittance', key: 'nats' },
  QUITTANCE_SECRET: { secret: 'quittance', key: 'secret' },
  QUITTANCE_STORE_KEY: { secret: 'quittance', key: 'store-key' },
};
/** What lnd and signed messages take in production. */
const LND = {
  QUITTANCE_LND_ADDRESS: 'lnd.bitcoin:10009',
  QUITTANCE_LIGHTNING_NODE: `02${'ab'.repeat(32)}`,
  QUITTANCE_LIGHTNING_NETWORK: 'mainnet',
  QUITTANCE_PAYMENTS_PUBLIC_KEYS: `1:${'2f'.repeat(32)}`,
  QUITTANCE_CONFIRMATIONS_PUBLIC_KEYS: `1:${'3f'.repeat(32)}`,
};
const LND_FILES = {
  QUITTANCE_LND_CERTIFICATE: { secret: 'lnd', key: 'tls.cert' },
  QUITTANCE_LND_MACAROON: { secret: 'lnd', key: 'invoices.macaroon' },
};
const SIGNING = { QUITTANCE_PAYMENTS_SIGNING_KEY: { secret: 'signing', key: 'payments' } };
const TEMPORAL = { TEMPORAL_ADDRESS: 'temporal-frontend.temporal:7233' };
const scaling = { enabled: true, minimum: 1, maximum: 30, backlog: 20, slotsInUsePercent: 50 };

/** What installations may look like, by name. */
export const VALUES: Readonly<Record<string, object>> = {
  defaults: {},
  small: {
    environment: {
      ...{ ...TEMPORAL, QUITTANCE_SIMULATORS: 'allowed', QUITTANCE_LIGHTNING_BACKEND: 'simulator' },
      QUITTANCE_PAYMENTS_PUBLIC_KEYS: LND.QUITTANCE_PAYMENTS_PUBLIC_KEYS,
      QUITTANCE_CONFIRMATIONS_PUBLIC_KEYS: LND.QUITTANCE_CONFIRMATIONS_PUBLIC_KEYS,
    },
    secrets: SECRETS,
    lightning: { secrets: SIGNING },
    api: { replicas: 1, ingress: { enabled: true, host: 'pay.example.org', tlsSecret: 'tls' } },
    workers: {
      all: { queues: ['actions', 'transmissions', 'intake', 'effects'], replicas: 1 },
      ...{ actions: null, transmissions: null, intake: null, effects: null },
    },
    networkPolicy: { enabled: false },
  },
  production: {
    environment: {
      ...{ ...TEMPORAL, ...LND, QUITTANCE_NATS_REPLICAS: '3', QUITTANCE_TEMPORAL_TLS: 'on' },
      QUITTANCE_TEMPORAL_UI: 'https://temporal.example.org',
      QUITTANCE_OTLP_ENDPOINT: 'http://collector.monitoring:4318',
      QUITTANCE_TRACE_SHARE: '0.1',
    },
    secrets: {
      ...SECRETS,
      QUITTANCE_OTLP_HEADERS: { secret: 'tracing', key: 'headers' },
      QUITTANCE_TEMPORAL_CODEC_KEYS: { secret: 'temporal', key: 'codec-keys' },
    },
    files: { ...LND_FILES, QUITTANCE_NATS_CA: { secret: 'quittance-nats', key: 'ca.crt' } },
    prepare: {
      arguments: ['--roles'],
      secrets: { DATABASE_URL: { secret: 'quittance-owner', key: 'url' } },
    },
    relay: { files: { QUITTANCE_LND_MACAROON: { secret: 'lnd', key: 'sends.macaroon' } } },
    lightning: { secrets: SIGNING },
    networkPolicy: { callers: { 'kubernetes.io/metadata.name': 'ingress' } },
    codecServer: {
      enabled: true,
      environment: { QUITTANCE_CODEC_ORIGINS: 'https://temporal.example.org' },
      ingress: { enabled: true, host: 'codec.example.org', tlsSecret: 'codec-tls' },
    },
    priorityClassName: 'high',
    imagePullSecrets: [{ name: 'registry' }],
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
  },
  scaling: {
    environment: { ...TEMPORAL, ...LND, QUITTANCE_TEMPORAL_TLS: 'on' },
    secrets: SECRETS,
    files: LND_FILES,
    lightning: { secrets: SIGNING },
    keda: { temporalAuthentication: 'temporal-mtls' },
    prometheus: {
      address: 'http://prometheus:9090',
      podMonitor: { enabled: true, tokenSecret: { name: 'metrics', key: 'token' } },
      rules: { enabled: true },
    },
    api: { autoscaling: { enabled: true, minimum: 1, maximum: 9, cpuPercent: 60 } },
    relay: { autoscaling: { enabled: true, minimum: 1, maximum: 9, lagSeconds: 3 } },
    workers: { actions: { autoscaling: scaling }, effects: { autoscaling: scaling } },
  },
  stations: {
    environment: { ...TEMPORAL, ...LND },
    secrets: SECRETS,
    files: LND_FILES,
    lightning: { secrets: SIGNING },
    groundStation: {
      ...{ enabled: true, regions: '0,1' },
      secrets: {
        QUITTANCE_CONFIRMATIONS_SIGNING_KEY: { secret: 'signing', key: 'confirmations' },
      },
    },
    prepare: { enabled: false },
  },
};

/** With Temporal's worker-controller, whose kinds nothing here can validate. */
export const VERSIONED = {
  ...VALUES['production'],
  workerController: {
    ...{ enabled: true, connection: 'temporal', strategy: 'Progressive' },
    steps: [{ rampPercentage: 10, pauseDuration: '5m' }],
  },
};

/** Values that the chart must refuse, with what it says. */
export const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  [
    'a variable that no process reads',
    { environment: { QUITTANCE_API_PROT: '1' } },
    /QUITTANCE_API_PROT/,
  ],
  ['a secret in the open', { environment: { QUITTANCE_SECRET: 'x' } }, /QUITTANCE_SECRET/],
  [
    'what the chart sets itself',
    { environment: { QUITTANCE_OPS_PORT: '1' } },
    /QUITTANCE_OPS_PORT/,
  ],
  ['a queue that does not exist', { workers: { x: { queues: ['mail'], replicas: 1 } } }, /queues/],
  [
    'scaling without Prometheus',
    { relay: { autoscaling: { enabled: true } } },
    /prometheus\.address/,
  ],
  [
    'an owner for the job that would migrate as the user of the processes',
    {
      secrets: { ...SECRETS, DATABASE_DIRECT_URL: { secret: 'quittance', key: 'direct' } },
      prepare: { secrets: { DATABASE_URL: { secret: 'quittance-owner', key: 'url' } } },
    },
    /prepare\.secrets\.DATABASE_DIRECT_URL/,
  ],
  ['a value that it does not know', { codecserver: { enabled: true } }, /codecserver/],
  ['a value of a process that it does not know', { relay: { replica: 3 } }, /replica/],
  [
    'scaling by a Temporal that takes TLS, without a way in for KEDA',
    { ...VALUES['scaling'], keda: { temporalAuthentication: '' } },
    /keda\.temporalAuthentication/,
  ],
  [
    'the worker-controller beside scaling of workers',
    { ...VALUES['scaling'], workerController: { enabled: true, connection: 'temporal' } },
    /exclude each other/,
  ],
  [
    'the worker-controller without a connection',
    { workerController: { enabled: true } },
    /workerController\.connection/,
  ],
];

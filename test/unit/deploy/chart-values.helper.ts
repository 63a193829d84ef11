const SECRETS = {
  DATABASE_URL: { secret: 'quittance', key: 'database' },
  NATS_URL: { secret: 'quittance', key: 'nats' },
  QUITTANCE_SECRET: { secret: 'quittance', key: 'secret' },
  QUITTANCE_STORE_KEY: { secret: 'quittance', key: 'store-key' },
};
const TEMPORAL = { TEMPORAL_ADDRESS: 'temporal-frontend.temporal:7233' };
const scaling = { enabled: true, minimum: 1, maximum: 30, backlog: 20, slotsInUsePercent: 50 };

/** What installations may look like, by name. */
export const VALUES: Readonly<Record<string, object>> = {
  defaults: {},
  small: {
    environment: { ...TEMPORAL, QUITTANCE_SIMULATORS: 'allowed' },
    secrets: SECRETS,
    api: { replicas: 1, ingress: { enabled: true, host: 'pay.example.org', tlsSecret: 'tls' } },
    workers: {
      all: { queues: ['actions', 'transmissions', 'intake', 'effects'], replicas: 1 },
      ...{ actions: null, transmissions: null, intake: null, effects: null },
    },
    networkPolicy: { enabled: false },
  },
  production: {
    environment: { ...TEMPORAL, QUITTANCE_NATS_REPLICAS: '3', QUITTANCE_TEMPORAL_TLS: 'on' },
    secrets: SECRETS,
    files: {
      QUITTANCE_LND_CERTIFICATE: { secret: 'lnd', key: 'tls.cert' },
      QUITTANCE_NATS_CA: { secret: 'quittance-nats', key: 'ca.crt' },
    },
    prepare: {
      arguments: ['--roles'],
      secrets: { DATABASE_URL: { secret: 'quittance-owner', key: 'url' } },
    },
    relay: { files: { QUITTANCE_LND_MACAROON: { secret: 'lnd', key: 'sends.macaroon' } } },
    lightning: {
      secrets: { QUITTANCE_PAYMENTS_SIGNING_KEY: { secret: 'signing', key: 'payments' } },
    },
    networkPolicy: { callers: { 'kubernetes.io/metadata.name': 'ingress' } },
    codecServer: {
      enabled: true,
      secrets: { QUITTANCE_TEMPORAL_CODEC_KEYS: { secret: 'temporal', key: 'codec-keys' } },
      environment: { QUITTANCE_CODEC_ORIGINS: 'https://temporal.example.org' },
      ingress: { enabled: true, host: 'codec.example.org', tlsSecret: 'codec-tls' },
    },
    priorityClassName: 'high',
    imagePullSecrets: [{ name: 'registry' }],
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
  },
  scaling: {
    environment: TEMPORAL,
    secrets: SECRETS,
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
    environment: TEMPORAL,
    secrets: SECRETS,
    groundStation: { enabled: true, regions: '0,1' },
    prepare: { enabled: false },
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
];

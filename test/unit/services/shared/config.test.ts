import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  describeConfig,
  loadConfig,
  loadConfigPart,
  NEEDS,
  redactUrl,
  type Environment,
} from '../../../../services/shared/config.js';
import { newKeyPair } from '../../../../services/shared/signatures/keys.js';

const SERVERS = {
  DATABASE_URL: 'postgres://quittance:hunter2@db.example:5432/quittance',
  NATS_URL: 'nats://a-token@nats.example:4222',
  TEMPORAL_ADDRESS: 'temporal.example:7233',
};
const SECRET = 'a secret of this test, which is long enough';

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('reading the configuration', () => {
  test('uses defaults for unset variables, and the result is frozen', () => {
    const config = loadConfig(SERVERS);
    expect(config).toMatchObject({
      env: 'development',
      temporalNamespace: 'default',
      apiPort: 8420,
      invoiceExpirySeconds: 600,
      minBidMsat: 1000n,
      regions: [0, 1, 2, 3, 4, 5],
      workerQueues: ['actions', 'transmissions', 'intake', 'effects'],
      confirmTimeoutSeconds: undefined,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('parses values to their types, and an empty variable counts as unset', () => {
    const config = loadConfig({
      ...SERVERS,
      QUITTANCE_REGIONS: '4, 0',
      QUITTANCE_SHUTDOWN_SECONDS: '0.5',
      QUITTANCE_MIN_BID_MSAT: '9007199254740993',
      QUITTANCE_CONFIRM_TIMEOUT_SECONDS: '2',
      QUITTANCE_API_PORT: '',
    });
    expect(config.regions).toEqual([4, 0]);
    expect(config.shutdownSeconds).toBe(0.5);
    expect(config.minBidMsat).toBe(9007199254740993n);
    expect(config.confirmTimeoutSeconds).toBe(2);
    expect(config.apiPort).toBe(8420);
  });

  test('a command reads only what it needs', () => {
    const part = loadConfigPart(['DATABASE_URL', 'QUITTANCE_LOG_LEVEL'], {
      DATABASE_URL: SERVERS.DATABASE_URL,
    });
    expect(part).toEqual({ databaseUrl: SERVERS.DATABASE_URL, logLevel: 'info' });
  });
});

describe('a refused configuration', () => {
  test('reports all problems at once', () => {
    expect(
      problemsOf({
        DATABASE_URL: 'mysql://db.example/x',
        TEMPORAL_ADDRESS: 'http://temporal.example:7233',
        QUITTANCE_API_PORT: '70000',
        QUITTANCE_INVOICE_EXPIRY_SECONDS: '1.5',
        QUITTANCE_REGIONS: '1,1',
        QUITTANCE_WORKER_QUEUES: 'actions,mails',
        QUITTANCE_APIPORT: '1',
      }).map((problem) => problem.split(/[ :]/, 1)[0]),
    ).toEqual([
      'QUITTANCE_APIPORT',
      'DATABASE_URL',
      'NATS_URL',
      'TEMPORAL_ADDRESS',
      'QUITTANCE_API_PORT',
      'QUITTANCE_INVOICE_EXPIRY_SECONDS',
      'QUITTANCE_WORKER_QUEUES',
      'QUITTANCE_REGIONS',
    ]);
  });

  test.each([
    ['QUITTANCE_APIPORT', 'QUITTANCE_API_PORT'],
    ['QUITTANCE_MIN_BID_SAT', 'QUITTANCE_MIN_BID_MSAT'],
    ['QUITTANCE_DB_POOLSIZE', 'QUITTANCE_DB_POOL_SIZE'],
  ])('an unknown %s is refused, with %s suggested', (name, meant) => {
    expect(problemsOf({ ...SERVERS, [name]: '1' })).toEqual([
      `${name} is not known; did you mean ${meant}?`,
    ]);
  });

  test('suggests nothing for a name that is not similar to any', () => {
    expect(problemsOf({ ...SERVERS, QUITTANCE_ZZZZ: '1' })).toEqual([
      'QUITTANCE_ZZZZ is not known',
    ]);
  });

  test('a command refuses unknown variables too', () => {
    expect(() => loadConfigPart(['DATABASE_URL'], { ...SERVERS, QUITTANCE_ZZZZ: '1' })).toThrow(
      'QUITTANCE_ZZZZ is not known',
    );
  });

  test.each([[''], ['quittance-development-secret-not-for-production']])(
    'production refuses the built-in secret (%j)',
    (secret) => {
      const env = { ...SERVERS, QUITTANCE_ENV: 'production', QUITTANCE_SECRET: secret };
      expect(problemsOf(env)).toEqual([
        expect.stringMatching(/^QUITTANCE_SECRET must be set/),
        expect.stringMatching(/^QUITTANCE_STORE_KEY must be set/),
        expect.stringMatching(/^QUITTANCE_LIGHTNING_URL is a simulated node/),
      ]);
      const QUITTANCE_STORE_KEY = `1:${'0f'.repeat(32)}`;
      const allowed = { QUITTANCE_SIMULATORS: 'allowed', QUITTANCE_STORE_KEY };
      expect(problemsOf({ ...env, ...allowed, QUITTANCE_SECRET: SECRET })).toEqual([]);
    },
  );

  test('production names what a process cannot do without, and never trusts starts', () => {
    const env = {
      ...{ ...SERVERS, QUITTANCE_ENV: 'production', QUITTANCE_SECRET: SECRET },
      ...{ QUITTANCE_STORE_KEY: `1:${'0f'.repeat(32)}`, QUITTANCE_SIMULATORS: 'allowed' },
    };
    const needed = [
      'QUITTANCE_PAYMENTS_PUBLIC_KEYS',
      'QUITTANCE_CONFIRMATIONS_PUBLIC_KEYS',
    ] as const;
    const needs = { neededInProduction: needed };
    const load = (more: Record<string, string>) => () => loadConfig({ ...env, ...more }, needs);
    expect(load({ QUITTANCE_TRUST_STARTS: 'on' })).toThrow(
      /TRUST_STARTS cannot[^]*PAYMENTS_PUBLIC_KEYS must be set[^]*CONFIRMATIONS_PUBLIC_KEYS must be set/,
    );
    const keys = Object.fromEntries(needed.map((name) => [name, newKeyPair(1).public]));
    expect(load(keys)).not.toThrow();
    expect(() => loadConfig(SERVERS, needs)).not.toThrow();
  });

  test('a version of a worker has a deployment and a build', () => {
    const version = { TEMPORAL_DEPLOYMENT_NAME: 'money/q', TEMPORAL_WORKER_BUILD_ID: '0.1.0' };
    expect(problemsOf({ ...SERVERS, ...version })).toEqual([]);
    for (const name of ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID']) {
      expect(problemsOf({ ...SERVERS, ...version, [name]: '' })).toEqual([
        `${name} must be set, too: a version of a worker has both`,
      ]);
    }
  });

  test('a process that does not use a server starts without its address', () => {
    const { DATABASE_URL } = SERVERS;
    const given = { DATABASE_URL, QUITTANCE_SECRET: SECRET };
    expect(() => loadConfig(given, NEEDS['codec-server'])).not.toThrow();
    expect(() => loadConfig(given, NEEDS.relay)).toThrow(/NATS_URL is not set/);
    const wrong = { ...given, NATS_URL: 'http://nats' };
    expect(() => loadConfig(wrong, NEEDS['codec-server'])).toThrow(/NATS_URL/);
  });

  test('a process that does not use a secret starts without it in production', () => {
    const env = { ...SERVERS, QUITTANCE_ENV: 'production', QUITTANCE_SIMULATORS: 'allowed' };
    const notUsed = ['QUITTANCE_SECRET', 'QUITTANCE_STORE_KEY'] as const;
    expect(() => loadConfig(env, { notUsed })).not.toThrow();
    expect(() => loadConfig(env, { notUsed: ['QUITTANCE_SECRET'] })).toThrow(/STORE_KEY must be/);
  });

  test('an error does not repeat the value, which may be a secret', () => {
    const problems = problemsOf({ ...SERVERS, QUITTANCE_SECRET: 'short-secret' });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('short-secret');
  });
});

describe('the configuration in the log', () => {
  test('shows versions of public keys, and nothing of signing keys', () => {
    const pair = newKeyPair(3);
    const QUITTANCE_PAYMENTS_SIGNING_KEY = pair.signing;
    const QUITTANCE_PAYMENTS_PUBLIC_KEYS = `${newKeyPair(2).public},${pair.public}`;
    const env = { ...SERVERS, QUITTANCE_PAYMENTS_SIGNING_KEY, QUITTANCE_PAYMENTS_PUBLIC_KEYS };
    expect(describeConfig(loadConfig(env))).toMatchObject({
      QUITTANCE_PAYMENTS_SIGNING_KEY: '***',
      QUITTANCE_PAYMENTS_PUBLIC_KEYS: 'versions 2,3',
    });
  });

  test('has every variable, without secrets and passwords', () => {
    const shown = describeConfig(loadConfig({ ...SERVERS, QUITTANCE_SECRET: SECRET }));
    expect(shown).toMatchObject({
      DATABASE_URL: 'postgres://quittance:***@db.example:5432/quittance',
      NATS_URL: 'nats://***@nats.example:4222',
      QUITTANCE_SECRET: '***',
      QUITTANCE_REGIONS: '0,1,2,3,4,5',
      QUITTANCE_CONFIRM_TIMEOUT_SECONDS: '(not set)',
    });
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|a-token|a secret/);
  });

  test.each([
    ['nats://u:p@a:1,nats://t@b:2', 'nats://u:***@a:1,nats://***@b:2'],
    [
      'postgres://u@h/d?password=p&sslmode=require',
      'postgres://u@h/d?password=***&sslmode=require',
    ],
    ['postgres://u:p%40q@h/d', 'postgres://u:***@h/d'],
    ['postgres://u:p@q@h/d', 'postgres://u:***@h/d'],
    ['postgres://u:a:b@h/d', 'postgres://u:***@h/d'],
    ['http://127.0.0.1:7421', 'http://127.0.0.1:7421'],
  ])('%s is shown as %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});

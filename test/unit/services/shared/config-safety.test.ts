import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, type Environment, loadConfig } from '../../../../services/shared/config.js';

const SERVERS = {
  DATABASE_URL: 'postgres://quittance@db.example:5432/quittance',
  NATS_URL: 'nats://nats.example:4222',
  TEMPORAL_ADDRESS: 'temporal.example:7233',
};
const SECRET = '0123456789abcdef0123456789abcdef';
const STORE_KEY = `1:${'0f'.repeat(32)}`;

const folder = mkdtempSync(join(tmpdir(), 'quittance-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const file = join(folder, String(Math.random()));
  writeFileSync(file, text);
  return file;
}

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('production', () => {
  it('tells all that is missing or weak at once', () => {
    const env = { QUITTANCE_ENV: 'production', QUITTANCE_FAILPOINTS: 'after-open-commit' };
    expect(problemsOf(env).map((problem) => problem.split(' ', 1)[0])).toEqual([
      ...['DATABASE_URL', 'NATS_URL', 'TEMPORAL_ADDRESS', 'QUITTANCE_SECRET'],
      ...['QUITTANCE_STORE_KEY', 'QUITTANCE_LIGHTNING_URL', 'QUITTANCE_FAILPOINTS'],
    ]);
    const weak = { ...SERVERS, QUITTANCE_ENV: 'production', QUITTANCE_STORE_KEY: STORE_KEY };
    const given = { QUITTANCE_SECRET: 'ab'.repeat(20), QUITTANCE_SIMULATORS: 'allowed' };
    expect(problemsOf({ ...weak, ...given })).toEqual([expect.stringContaining('is weak')]);
    expect(problemsOf({ ...weak, ...given, QUITTANCE_SECRET: SECRET })).toEqual([]);
  });
});

describe('production refuses', () => {
  const FINE = {
    ...{ ...SERVERS, QUITTANCE_ENV: 'production', QUITTANCE_SECRET: SECRET },
    ...{ QUITTANCE_STORE_KEY: STORE_KEY, QUITTANCE_SIMULATORS: 'allowed' },
  };
  const LND = { QUITTANCE_LIGHTNING_BACKEND: 'lnd', QUITTANCE_SIMULATORS: 'refused' };

  it.each<[string, Environment]>([
    ['QUITTANCE_SECRET', { QUITTANCE_SECRET: '' }],
    ['QUITTANCE_SECRET', { QUITTANCE_SECRET: 'ab'.repeat(20) }],
    ['QUITTANCE_STORE_KEY', { QUITTANCE_STORE_KEY: '' }],
    ['QUITTANCE_LIGHTNING_URL', { QUITTANCE_SIMULATORS: 'refused' }],
    ['QUITTANCE_TRUST_STARTS', { QUITTANCE_TRUST_STARTS: 'on' }],
    ['QUITTANCE_RECONCILE_SECONDS', { QUITTANCE_RECONCILE_SECONDS: '0' }],
    ['QUITTANCE_FORCE_PAYMENT', { QUITTANCE_FORCE_PAYMENT: 'yes' }],
    ['QUITTANCE_FAILPOINTS', { QUITTANCE_FAILPOINTS: 'after-open-commit' }],
    ['QUITTANCE_PRIVATE_WALLETS', { QUITTANCE_PRIVATE_WALLETS: 'allowed' }],
    ['QUITTANCE_LIGHTNING_NODE', LND],
    ['QUITTANCE_LIGHTNING_NETWORK', LND],
  ])('%s: %j', (name, changed) => {
    expect(problemsOf(FINE)).toEqual([]);
    const problems = problemsOf({ ...FINE, ...changed });
    expect(problems.map((problem) => problem.split(/[ :]/, 1)[0])).toContain(name);
  });
});

describe('the built-in secret', () => {
  it.each(['0.0.0.0', '::', '10.0.0.5', 'api.example'])('never listens on %s', (host) => {
    const env = { ...SERVERS, QUITTANCE_API_HOST: host, QUITTANCE_OPS_HOST: host };
    expect(problemsOf(env)).toHaveLength(2);
    expect(problemsOf({ ...env, QUITTANCE_SECRET: SECRET })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('listens on %s', (host) => {
    expect(problemsOf({ ...SERVERS, QUITTANCE_API_HOST: host })).toEqual([]);
  });
});

describe('values in files', () => {
  it('are read without the line’s end', () => {
    const config = loadConfig({
      ...SERVERS,
      DATABASE_URL: '',
      DATABASE_URL_FILE: fileWith(`${SERVERS.DATABASE_URL}\n`),
      QUITTANCE_SECRET_FILE: fileWith(`${SECRET}\n`),
    });
    expect(config).toMatchObject({ databaseUrl: SERVERS.DATABASE_URL, secret: SECRET });
  });

  it('are refused when missing, empty, given twice, or for what is no secret', () => {
    const file = (name: string, path: string): readonly string[] =>
      problemsOf({ ...SERVERS, [name]: path });
    expect(file('QUITTANCE_SECRET_FILE', '/no/such/file')).toEqual([
      'QUITTANCE_SECRET_FILE: the file cannot be read (ENOENT)',
    ]);
    expect(file('QUITTANCE_SECRET_FILE', fileWith('\n'))).toEqual([
      'QUITTANCE_SECRET_FILE: the file is empty',
    ]);
    expect(file('DATABASE_URL_FILE', fileWith('x'))).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both set: only one may be',
    ]);
    expect(file('QUITTANCE_API_PORT_FILE', fileWith('1'))).toHaveLength(1);
  });
});

describe('keys of order tokens', () => {
  it('are ordered by version, the highest first', () => {
    const keys = `1:${SECRET}a,3:${SECRET}c,2:${SECRET}b`;
    const config = loadConfig({ ...SERVERS, QUITTANCE_ORDER_TOKEN_KEYS: keys });
    expect(config.orderTokenKeys).toEqual([`${SECRET}c`, `${SECRET}b`, `${SECRET}a`]);
    for (const bad of ['1:short', SECRET, `1:${SECRET},1:${SECRET}`]) {
      expect(problemsOf({ ...SERVERS, QUITTANCE_ORDER_TOKEN_KEYS: bad })).toHaveLength(1);
    }
  });
});

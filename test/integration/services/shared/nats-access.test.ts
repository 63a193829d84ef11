import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nkeys } from 'nats';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectNats } from '../../../../services/shared/nats.js';
import type { NatsConfig } from '../../../../services/shared/nats-access/options.js';
import { startOwnNats } from '../../../support/nats-server.js';

const logger = pino({ level: 'silent' });
const file = (name: string): string =>
  fileURLToPath(new URL(`../../../support/tls/${name}`, import.meta.url));
const CERT = file('localhost.pem');
const KEY = file('localhost.key');
const NKEY = {
  seed: 'SUABVJNDS775IV6WD6R7IYGYPP4I2DQHLIWJSSH5G4UDS4TAQRRZG3JMEE',
  public: 'UDZOWI3DTOKQIS3SKEVCEIOCLR4XHG5EO3CNZPA2CGIVST6IPP5J4F3G',
};
const OTHER_SEED = 'SUAOXYY6FYY2YDQPF5TRXFN6LNGCBYTE5TBT4ZWPITNFMBZXI6CL5I7VOI';

/** The version of the server, once we are let in. */
async function enter(config: NatsConfig): Promise<string | undefined> {
  const nc = await connectNats(config, logger, 'test', { waitForServer: false });
  try {
    await nc.flush();
    return nc.info?.version;
  } finally {
    await nc.close();
  }
}

async function serve(config: string): Promise<number> {
  const server = await startOwnNats(config);
  onTestFinished(() => server.stop());
  return server.port;
}

describe('access to NATS', () => {
  it('by user and password, in the environment or in the URL', async () => {
    const port = await serve('authorization { user: someone, password: "se cret" }');
    const natsUrl = `nats://127.0.0.1:${port}`;
    expect(await enter({ natsUrl, natsUser: 'someone', natsPassword: 'se cret' })).toBeDefined();
    expect(await enter({ natsUrl: `nats://someone:se%20cret@127.0.0.1:${port}` })).toBeDefined();
    await expect(enter({ natsUrl })).rejects.toThrow();
    await expect(enter({ natsUrl, natsUser: 'someone', natsPassword: 'x' })).rejects.toThrow();
  });

  it('by token', async () => {
    const port = await serve('authorization { token: letmein }');
    const natsUrl = `nats://127.0.0.1:${port}`;
    expect(await enter({ natsUrl, natsToken: 'letmein' })).toBeDefined();
    expect(await enter({ natsUrl: `nats://letmein@127.0.0.1:${port}` })).toBeDefined();
    await expect(enter({ natsUrl, natsToken: 'other' })).rejects.toThrow();
  });

  it('by nkey', async () => {
    const port = await serve(`authorization { users: [ { nkey: ${NKEY.public} } ] }`);
    const natsUrl = `nats://127.0.0.1:${port}`;
    expect(await enter({ natsUrl, natsNkey: NKEY.seed })).toBeDefined();
    await expect(enter({ natsUrl, natsNkey: OTHER_SEED })).rejects.toThrow();
  });

  it('by a .creds file: a JWT of the account, and the seed of a user', async () => {
    const account = jwtAccount();
    const port = await serve(account.config);
    const natsUrl = `nats://127.0.0.1:${port}`;
    const folder = await mkdtemp(join(tmpdir(), 'quittance-creds-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const natsCreds = join(folder, 'user.creds');
    await writeFile(natsCreds, account.creds, { mode: 0o600 });
    expect(await enter({ natsUrl, natsCreds })).toBeDefined();
    await expect(enter({ natsUrl })).rejects.toThrow();
    // Of another account, which the server does not know.
    await writeFile(natsCreds, jwtAccount().creds);
    await expect(enter({ natsUrl, natsCreds })).rejects.toThrow();
    await expect(enter({ natsUrl, natsCreds: join(folder, 'none') })).rejects.toThrow('ENOENT');
  });

  it('over TLS, to a server with a certificate that we know', async () => {
    const port = await serve(`tls { cert_file: ${quoted(CERT)}, key_file: ${quoted(KEY)} }`);
    const natsUrl = `tls://localhost:${port}`;
    expect(await enter({ natsUrl, natsCa: CERT })).toBeDefined();
    await expect(enter({ natsUrl })).rejects.toThrow();
  });

  it('over TLS with a certificate of our own', async () => {
    const files = `cert_file: ${quoted(CERT)}, key_file: ${quoted(KEY)}`;
    const port = await serve(`tls { ${files}, ca_file: ${quoted(CERT)}, verify: true }`);
    const natsUrl = `tls://localhost:${port}`;
    const own = { natsCert: CERT, natsCertKey: KEY };
    expect(await enter({ natsUrl, natsCa: CERT, ...own })).toBeDefined();
    await expect(enter({ natsUrl, natsCa: CERT })).rejects.toThrow();
  });

  it('never in clear where TLS is asked for', async () => {
    const port = await serve('authorization { user: someone, password: secret }');
    const config = {
      natsUrl: `tls://127.0.0.1:${port}`,
      natsUser: 'someone',
      natsPassword: 'secret',
    };
    await expect(enter(config)).rejects.toThrow(/tls/i);
    const withCa = { ...config, natsUrl: `nats://127.0.0.1:${port}`, natsCa: CERT };
    await expect(enter(withCa)).rejects.toThrow(/tls/i);
    expect(await enter({ ...withCa, natsCa: undefined })).toBeDefined();
  });
});

interface KeyPair {
  getPublicKey(): string;
  getSeed(): Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}
// The package declares it as any.
const { createOperator, createAccount, createUser } = nkeys as Record<
  'createOperator' | 'createAccount' | 'createUser',
  () => KeyPair
>;

/** What `nsc` makes: an operator, a system account, an account and its user, each signed by the one above. */
function jwtAccount(): { config: string; creds: string } {
  const [operator, user] = [createOperator(), createUser()];
  const [system, account] = [createAccount(), createAccount()];
  const limits = { subs: -1, data: -1, payload: -1 };
  const ofAccount = { ...limits, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const accountJwt = (of: KeyPair): string =>
    signed(operator, of, { type: 'account', limits: ofAccount });
  const jwts = {
    operator: signed(operator, operator, { type: 'operator' }),
    user: signed(account, user, { type: 'user', ...limits }),
  };
  const preload = [system, account].map((of) => `${of.getPublicKey()}: ${accountJwt(of)}`);
  return {
    config: [
      `operator: ${jwts.operator}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${preload.join(', ')} }`,
    ].join('\n'),
    creds: [
      `-----BEGIN NATS USER JWT-----\n${jwts.user}\n------END NATS USER JWT------\n`,
      `-----BEGIN USER NKEY SEED-----\n${new TextDecoder().decode(user.getSeed())}\n`,
      '------END USER NKEY SEED------\n',
    ].join(''),
  };
}

function signed(issuer: KeyPair, subject: KeyPair, claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = [
    part({ typ: 'JWT', alg: 'ed25519-nkey' }),
    part({
      ...{ jti: randomUUID(), iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey() },
      ...{ sub: subject.getPublicKey(), name: 'test', nats: { ...claims, version: 2 } },
    }),
  ].join('.');
  const signature = issuer.sign(new TextEncoder().encode(body));
  return `${body}.${Buffer.from(signature).toString('base64url')}`;
}

function quoted(path: string): string {
  expect(readFileSync(path).length).toBeGreaterThan(0);
  return JSON.stringify(path);
}

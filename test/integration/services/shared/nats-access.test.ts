import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

function quoted(path: string): string {
  expect(readFileSync(path).length).toBeGreaterThan(0);
  return JSON.stringify(path);
}

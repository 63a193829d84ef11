import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, connect, type Server } from 'node:net';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type TemporalConfig,
  temporalConnection,
} from '../../../../services/shared/temporal/access.js';
import { quiet } from '../../../workflow/workflow-fixture.helper.js';

const file = (name: string): string =>
  fileURLToPath(new URL(`../../../support/tls/${name}`, import.meta.url));
const CERT = file('issued.pem');
const KEY = file('issued.key');
const AUTHORITY = file('authority.pem');
/** For one that is not let in. */
const BRIEFLY = 1_000;
const OWN = { temporalCert: CERT, temporalCertKey: KEY };
const PAIR = { cert: readFileSync(CERT), key: readFileSync(KEY) };

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return `localhost:${port}`;
}

/** Temporal behind TLS; with `asksForOne`, clients need a certificate too. */
function temporalBehindTls(asksForOne = false): Promise<string> {
  const [host = '', port = ''] = (process.env['TEMPORAL_ADDRESS'] ?? '').split(':');
  const client = asksForOne
    ? { requestCert: true, rejectUnauthorized: true, ca: readFileSync(AUTHORITY) }
    : {};
  return listen(
    createServer({ ...PAIR, ALPNProtocols: ['h2'], ...client }, (socket) => {
      const behind = connect(Number(port), host);
      for (const end of [socket, behind]) end.on('error', () => socket.destroy());
      socket.pipe(behind).pipe(socket);
    }),
  );
}

/** Whether a client and a worker are let in. */
async function enter(given: Partial<TemporalConfig>, connectTimeout = 10_000): Promise<void> {
  quiet();
  const config = { temporalAddress: '', temporalNamespace: 'default', ...given };
  const options = temporalConnection(config);
  const client = await Connection.connect({ ...options, connectTimeout });
  await client.close();
  const worker = await NativeConnection.connect(options);
  await worker.close();
}

describe('access to Temporal', () => {
  it('over TLS, to a server with a certificate that we know', async () => {
    const temporalAddress = await temporalBehindTls();
    await enter({ temporalAddress, temporalCa: AUTHORITY });
    await expect(enter({ temporalAddress, temporalTls: 'on' }, BRIEFLY)).rejects.toThrow();
    await expect(enter({ temporalAddress }, BRIEFLY)).rejects.toThrow();
  });

  it('with a certificate of our own', async () => {
    const temporalAddress = await temporalBehindTls(true);
    await enter({ temporalAddress, temporalCa: AUTHORITY, ...OWN });
    await expect(enter({ temporalAddress, temporalCa: AUTHORITY }, BRIEFLY)).rejects.toThrow();
  });

  it('with an API key, which is sent over TLS only', async () => {
    const seen = new Set<string | undefined>();
    const server = createSecureServer(PAIR, (request, response) => {
      seen.add(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': '16' });
      response.end();
    });
    const temporalAddress = await listen(server);
    const apiKey = 'an-api-key';
    await expect(
      enter({ temporalAddress, temporalCa: AUTHORITY, temporalApiKey: apiKey }, BRIEFLY),
    ).rejects.toThrow();
    expect([...seen]).toEqual([`Bearer ${apiKey}`]);
    expect(
      temporalConnection({ temporalAddress, temporalNamespace: 'x', temporalApiKey: apiKey }),
    ).toMatchObject({ tls: {} });
  });
});

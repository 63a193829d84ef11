import { Client, Connection } from '@temporalio/client';
import { connect, type JetStreamManager } from 'nats';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { startServers, type Servers } from '../../../../../services/cli/servers/start-servers.js';
import { temporaryDataFolder } from '../../../../support/shared-servers.js';

export interface TestServers {
  readonly servers: Servers;
  readonly dataDir: string;
  /** What was reported so far. */
  readonly lines: readonly string[];
}

/** Only servers that we start, whichever source has their binaries. */
export const OURS = { ...process.env, QUITTANCE_SERVERS: 'path,npm,built,download' };

export async function dataFolder(): Promise<string> {
  const { dataDir, remove } = await temporaryDataFolder(() => undefined);
  onTestFinished(remove, 60_000);
  return dataDir;
}

/** Servers in the folder; stopped at the end of the test. */
export async function ownServers(
  dataDir: string,
  { durable = false, env = OURS }: { durable?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<TestServers> {
  const lines: string[] = [];
  const report = (line: string): void => void lines.push(line);
  const servers = await startServers({ dataDir, durable, env, report });
  onTestFinished(() => servers.stop(), 60_000);
  return { servers, dataDir, lines };
}

export async function sql(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

export async function onJetStream<T>(
  url: string,
  work: (manager: JetStreamManager) => Promise<T>,
): Promise<T> {
  const connection = await connect({ servers: url, reconnect: false });
  try {
    return await work(await connection.jetstreamManager());
  } finally {
    await connection.close();
  }
}

export async function onTemporal<T>(
  address: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTcpProxy } from '../../../support/tcp-proxy.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  freshStreams,
  insertRow,
  natsForTest,
  relayDatabase,
  unpublished,
  type Database,
} from './fixture.helper.js';
import { readiness, startRelay, type RelayProcess } from './relay-process.helper.js';
import { start, testStart } from './temporal.helper.js';

let database: Database;
const relays: RelayProcess[] = [];

beforeAll(async () => {
  database = await relayDatabase();
  const nc = await natsForTest();
  await freshStreams(nc);
  await nc.close();
});

afterEach(async () => {
  for (const { child, exit } of relays.splice(0)) {
    child.kill('SIGKILL');
    await exit;
  }
});

afterAll(() => database.close());

async function relay(env: Readonly<Record<string, string>> = {}): Promise<RelayProcess> {
  const started = await startRelay({ DATABASE_URL: database.url, ...env });
  relays.push(started);
  return started;
}

async function untilReady({ url }: RelayProcess): Promise<void> {
  await waitUntil('the relay is ready', async () => (await readiness(url)).status === 200);
}

const untilLeft = (rows: number): Promise<boolean> =>
  waitUntil(`${rows} rows are left`, async () => (await unpublished(database.pool)) === rows);

describe('the relay', () => {
  it('delivers, exposes its metrics, and drains', async () => {
    const running = await relay();
    await untilReady(running);
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    await start(database.pool, testStart());
    await untilLeft(0);
    const metrics = await waitUntil('its gauges are read', async () => {
      const text = await (await fetch(`${running.url}/metrics`)).text();
      return /_outbox_readable 1$/m.test(text) && /_streams_readable 1$/m.test(text) && text;
    });
    for (const line of [
      'quittance_outbox_delivered_total{destination="nats",kind="event"} 1',
      'quittance_outbox_delivered_total{destination="temporal",kind="start"} 1',
      'quittance_outbox_lag_seconds{destination="nats"} 0',
      'quittance_oldest_unstarted_workflow_seconds 0',
      'quittance_consumer_lag{stream="PAYMENTS",consumer="payments"} 0',
      'quittance_consumer_lag{stream="PAYMENTS",consumer="cancellations"} 0',
      'quittance_db_waiting{pool="payments"} 0',
      'quittance_db_connections_in_use{pool="confirmations"} 0',
      'quittance_consumer_lag{stream="CONFIRMATIONS",consumer="confirmations"} 0',
      'quittance_dead_letters 0',
    ]) {
      expect(metrics).toContain(line);
    }
    running.child.kill('SIGTERM');
    expect(await running.exit).toBe(0);
  });

  it('does not wait for its poll when it is notified', async () => {
    const running = await relay({ QUITTANCE_OUTBOX_POLL_MS: '600000' });
    await untilReady(running);
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    await database.pool.query('notify outbox');
    await untilLeft(0);
  });

  it('starts workflows before NATS is up, and continues when it is', async () => {
    const { hostname: host, port } = new URL(process.env['NATS_URL'] ?? '');
    const proxy = await startTcpProxy({ host, port: Number(port) });
    proxy.cut();
    const running = await relay({ NATS_URL: `nats://127.0.0.1:${proxy.port}` });
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    await start(database.pool, testStart());
    await untilLeft(1);
    expect((await readiness(running.url)).status).toBe(503);
    proxy.restore();
    await untilLeft(0);
    await untilReady(running);
    proxy.cut();
    await waitUntil('it reports that NATS is down', async () => {
      const { status, body } = await readiness(running.url);
      return status === 503 && body.checks['nats'] !== 'ok';
    });
    running.child.kill('SIGTERM');
    expect(await running.exit).toBe(0);
    await proxy.close();
  });

  it('continues when PostgreSQL is back', async () => {
    const { hostname: host, port } = new URL(database.url);
    const proxy = await startTcpProxy({ host, port: Number(port) });
    const url = new URL(database.url);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const running = await relay({ DATABASE_URL: url.href, QUITTANCE_OUTBOX_POLL_MS: '100' });
    await untilReady(running);
    proxy.cut();
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    await waitUntil('it reports that', async () => (await readiness(running.url)).status === 503);
    proxy.restore();
    await untilLeft(0);
    await untilReady(running);
    await proxy.close();
  });
});

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { migrate, migrationStatus } from '../../../../db/migrate.js';
import { pendingOffline } from '../../../../services/cli/upgrade/offline.js';
import { terminateWorkflows } from '../../../../services/cli/upgrade/terminate-workflows.js';
import { upgrade, type Upgrade } from '../../../../services/cli/upgrade/upgrade.js';
import type { TemporalClient } from '../../../../services/shared/temporal.js';
import { emptyDatabase } from '../../../support/empty-database.js';
import { waitUntil } from '../../../support/wait-until.js';
import { filledDatabase } from '../../db/filled-database.helper.js';
import { NAMESPACE, temporalForTest } from '../relay/temporal.helper.js';

const address = process.env['TEMPORAL_ADDRESS'] ?? '';
const NOWHERE = '127.0.0.1:1';

let database: Awaited<ReturnType<typeof filledDatabase>>;
let client: TemporalClient;
let lines: string[];

beforeAll(() => {
  client = temporalForTest();
});
beforeEach(async () => {
  lines = [];
  database = await filledDatabase();
});
afterEach(() => database.drop());
afterAll(() => client.connection.close());

function run(overrides: Partial<Upgrade> = {}): Promise<void> {
  return upgrade({
    databaseUrl: database.url,
    temporal: { address, namespace: NAMESPACE },
    report: (line) => void lines.push(line),
    ...overrides,
  });
}

async function pending(): Promise<number> {
  return (await migrationStatus({ connectionString: database.url })).pending.length;
}

/** A run without a worker, which stays. */
async function startWorkflow(type: string): Promise<string> {
  const workflowId = `upgrade-test/${randomUUID()}`;
  await client.workflow.start(type, { workflowId, taskQueue: 'upgrade-test' });
  await waitUntil('the list has it', async () => {
    for await (const one of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
      return one;
    return undefined;
  });
  return workflowId;
}

async function statusOf(workflowId: string): Promise<string> {
  return (await client.workflow.getHandle(workflowId).describe()).status.name;
}

it('terminates the workflows that own rows, migrates, and verifies the credits', async () => {
  const [action, order, rebuild] = await Promise.all(
    ['paidAction', 'transmissionOrder', 'creditsRebuild'].map(startWorkflow),
  );
  if (action === undefined || order === undefined || rebuild === undefined) throw new Error();
  expect(await pendingOffline(database.url)).not.toEqual([]);
  await run();
  expect([await statusOf(action), await statusOf(order)]).toEqual(['TERMINATED', 'TERMINATED']);
  expect(await statusOf(rebuild)).toBe('RUNNING');
  expect(await pending()).toBe(0);
  expect(lines.join('\n')).toMatch(/credits: \d+ addresses of ledger actions verified, 0 rebuilt/);
  await client.workflow.getHandle(rebuild).terminate();

  lines = [];
  await run();
  expect(lines).toEqual(['Temporal: 0 workflows terminated', 'nothing to apply']);
});

it('terminates as many as there are, page by page', async () => {
  await terminateWorkflows(client);
  const all = await Promise.all(
    ['paidAction', 'paidAction', 'transmissionOrder'].map(startWorkflow),
  );
  expect(await terminateWorkflows(client, 2)).toBe(3);
  expect(await Promise.all(all.map(statusOf))).toEqual(all.map(() => 'TERMINATED'));
});

it('nothing is offline in an empty database, or in one of today', async () => {
  const empty = await emptyDatabase();
  expect(await pendingOffline(empty.url)).toEqual([]);
  await migrate({ connectionString: empty.url });
  expect(await pendingOffline(empty.url)).toEqual([]);
  await empty.drop();
});

it('changes nothing while a process is connected', async () => {
  const process = new pg.Client({
    connectionString: database.url,
    application_name: 'quittance-relay',
  });
  await process.connect();
  const action = await startWorkflow('paidAction');
  const before = await pending();
  await expect(run()).rejects.toMatchObject({
    message: 'processes are connected to the database: quittance-relay',
    next: expect.stringContaining('stop all processes') as unknown,
  });
  expect(await pending()).toBe(before);
  expect(await statusOf(action)).toBe('RUNNING');
  await process.end();
  await run();
  expect(await statusOf(action)).toBe('TERMINATED');
});

it('changes nothing when Temporal is away, unless it is told to leave it alone', async () => {
  const before = await pending();
  await expect(run({ temporal: { address: NOWHERE, namespace: NAMESPACE } })).rejects.toMatchObject(
    {
      message: expect.stringContaining(`Temporal at ${NOWHERE}`) as unknown,
      next: expect.stringContaining('--without-temporal') as unknown,
    },
  );
  expect(await pending()).toBe(before);
  await run({ temporal: undefined });
  expect(await pending()).toBe(0);
});

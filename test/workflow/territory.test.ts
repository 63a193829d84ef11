import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTerritoryActivities } from '../../activities/territory.js';
import { PRICES } from '../../domain/territories/billing.js';
import { territoryWorkflowId, WAKE_SIGNAL } from '../../domain/names/workflows.js';
import { workflowCode } from '../../services/shared/workflow-code.js';
import { ActionFixture } from '../integration/engine/actions/fixture.helper.js';
import { Territories } from '../integration/engine/territories/fixture.helper.js';
import { waitUntil } from '../support/wait-until.js';
import { quiet } from './workflow-fixture.helper.js';

const QUEUE = 'territories-test';

let fixture: ActionFixture;
let client: Client;
let stop: () => Promise<void>;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address === undefined) throw new Error('TEMPORAL_ADDRESS is not set');
  quiet();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    ...{ connection: native, taskQueue: QUEUE, ...workflowCode() },
    activities: createTerritoryActivities(fixture.engine, 'http://127.0.0.1:8420'),
  });
  const running = worker.run();
  client = new Client({ connection });
  stop = async () => {
    worker.shutdown();
    await running;
    await connection.close();
    await native.close();
  };
});
afterAll(async () => {
  await stop();
  await fixture.close();
});

it('bills a territory from the balance, ends when it stops, and its history replays', async () => {
  const territories = new Territories(fixture);
  const owner = await fixture.account('landlord', 2n * PRICES.MONTHLY);
  const { id } = await territories.create(owner, 'billed');
  const handle = await client.workflow.start('territory', {
    workflowId: territoryWorkflowId(id.toString()),
    taskQueue: QUEUE,
    args: [{ territory: id.toString() }],
  });
  const age = async (days: number): Promise<void> => {
    await territories.age('billed', days);
    await handle.signal(WAKE_SIGNAL, 'time');
  };
  await age(32);
  await waitUntil(
    'it is renewed',
    async () => (await fixture.count(`territory_acts where state = 'PAID'`)) === 2,
  );
  await age(31);
  await waitUntil(
    'its grace begins',
    async () => (await territories.row('billed')).state === 'GRACE',
  );
  await age(6);
  expect(await handle.result()).toEqual({ state: 'STOPPED', reason: null });
  const history = await handle.fetchHistory();
  const named = JSON.stringify(history.events ?? [], (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  expect(named).toContain('renewTerritory');
  await Worker.runReplayHistory(workflowCode(), history);
});

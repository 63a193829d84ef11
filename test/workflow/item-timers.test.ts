import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createItemTimerActivities } from '../../activities/item-timer.js';
import { WAKE_SIGNAL } from '../../domain/names/workflows.js';
import { timerStart, type TimerRow } from '../../engine/items/timers/timer-row.js';
import { workflowCode } from '../../services/shared/workflow-code.js';
import { ActionFixture } from '../integration/engine/actions/fixture.helper.js';
import { World } from '../integration/engine/actions/items/world.helper.js';
import { doEffects, toldTo } from '../integration/engine/notices/told.helper.js';
import { waitUntil } from '../support/wait-until.js';
import { IDENTITY, keepHistory, quiet } from './workflow-fixture.helper.js';

const QUEUE = 'item-timers-test';

let fixture: ActionFixture;
let world: World;
let client: Client;
let native: NativeConnection;
let stop: () => Promise<void>;

/** A worker; returns how to stop it. */
async function startWorker(): Promise<() => Promise<void>> {
  const worker = await Worker.create({
    ...{ connection: native, taskQueue: QUEUE, identity: IDENTITY, ...workflowCode() },
    activities: createItemTimerActivities(fixture.engine, 'http://127.0.0.1:8420'),
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
  };
}

beforeAll(async () => {
  fixture = await ActionFixture.create();
  world = await World.create(fixture);
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address === undefined) throw new Error('TEMPORAL_ADDRESS is not set');
  quiet();
  const connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, identity: IDENTITY });
  stop = await startWorker();
});
afterAll(async () => {
  await stop();
  await client.connection.close();
  await native.close();
  await fixture.close();
});

async function timersOf(itemId: string): Promise<TimerRow[]> {
  const { rows } = await fixture.pool.query<TimerRow>(
    'select * from item_timers where item_id = $1 order by id',
    [itemId],
  );
  return rows;
}

/** As the relay starts it. */
function start(timer: TimerRow): ReturnType<typeof client.workflow.start> {
  const { workflowType, workflowId, input } = timerStart(timer);
  return client.workflow.start(workflowType, { workflowId, taskQueue: QUEUE, args: [input] });
}

async function only(itemId: string): Promise<TimerRow> {
  const [timer, more] = await timersOf(itemId);
  if (timer === undefined || more !== undefined) throw new Error('there is not one timer');
  return timer;
}

it('an item is deleted at its time, though the worker was away then, and the history replays', async () => {
  const author = await fixture.account('brief', 1_000_000_000n);
  const item = await world.item({ text: '@delete in 3 seconds' }, author);
  await doEffects(fixture);
  const handle = await start(await only(item));
  await waitUntil('it waits', async () =>
    ((await handle.fetchHistory()).events ?? []).some((event) => event.timerStartedEventAttributes),
  );
  await stop();
  await waitUntil('its time has passed', async () => {
    const { rows } = await fixture.pool.query<{ over: boolean }>(
      'select runs_at < clock_timestamp() as over from item_timers where item_id = $1',
      [item],
    );
    return rows[0]?.over;
  });
  expect(await fixture.count('items where id = $1 and deleted_at is not null', [item])).toBe(0);
  stop = await startWorker();
  expect(await handle.result()).toEqual({ state: 'DONE', reason: null });
  expect(await fixture.count('items where id = $1 and deleted_at is not null', [item])).toBe(1);
  await Worker.runReplayHistory(workflowCode(), await handle.fetchHistory());
  await keepHistory(handle, 'ephemeral-item');
});

it('a reminder that an edit cancels ends; the one in its place reminds', async () => {
  const author = await fixture.account('reminded', 1_000_000_000n);
  const item = await world.item({ text: '@remindme in 1 year' }, author);
  await doEffects(fixture);
  const first = await start(await only(item));
  await waitUntil('it waits', async () =>
    ((await first.fetchHistory()).events ?? []).some((event) => event.timerStartedEventAttributes),
  );
  await world.paid('ITEM_UPDATE', { itemId: item, text: '@remindme in 1 second' }, author);
  await doEffects(fixture);
  await first.signal(WAKE_SIGNAL, 'cancelled');
  expect(await first.result()).toEqual({ state: 'CANCELLED', reason: null });
  await keepHistory(first, 'reminder-cancelled');
  const second = (await timersOf(item)).at(-1);
  if (second === undefined) throw new Error('there is no other timer');
  const handle = await start(second);
  expect(await handle.result()).toEqual({ state: 'DONE', reason: null });
  // Again, as a sweep would start it: it reads its row and ends.
  expect(await (await start(second)).result()).toEqual({ state: 'DONE', reason: null });
  expect(await toldTo(fixture, author)).toEqual(['REMINDER_SET', 'REMINDER_SET', 'REMINDER']);
  await Worker.runReplayHistory(workflowCode(), await handle.fetchHistory());
  await keepHistory(handle, 'reminder');
});

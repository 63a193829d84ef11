import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotificationActivities } from '../../activities/notifications.js';
import { createStoreActivities } from '../../activities/store.js';
import { createChat } from '../../adapters/chat/webhook.js';
import { storeWorkflowId, TASK_QUEUES, WAKE_SIGNAL } from '../../domain/names/workflows.js';
import { putChannel } from '../../engine/intake/incidents/channels.js';
import { closeStore } from '../../engine/intake/stores/close-store.js';
import { workflowCode } from '../../services/shared/workflow-code.js';
import { IntakeFixture, type TestStore } from '../integration/engine/intake/fixture.helper.js';
import { startChatHook, type TestHook } from '../support/chat-hook.js';
import { waitUntil } from '../support/wait-until.js';
import { quiet } from './workflow-fixture.helper.js';

const heartbeat = (): void => Context.current().heartbeat();
const LINK = 'http://127.0.0.1:8420';

/** Workers on the queues of order intake, as the process worker runs them. */
class Workers {
  private constructor(
    readonly client: Client,
    private readonly workers: readonly Worker[],
    private readonly running: readonly Promise<void>[],
    private readonly connections: readonly { close(): Promise<void> }[],
  ) {}

  static async start(activities: Readonly<Record<string, object>>): Promise<Workers> {
    const address = process.env['TEMPORAL_ADDRESS'];
    if (address === undefined) throw new Error('TEMPORAL_ADDRESS is not set');
    quiet();
    const connection = await Connection.connect({ address });
    const native = await NativeConnection.connect({ address });
    const workers = await Promise.all(
      Object.entries(activities).map(([taskQueue, ofQueue]) =>
        Worker.create({ connection: native, taskQueue, ...workflowCode(), activities: ofQueue }),
      ),
    );
    const running = workers.map((worker) => worker.run());
    return new Workers(new Client({ connection }), workers, running, [connection, native]);
  }

  async close(): Promise<void> {
    for (const worker of this.workers) worker.shutdown();
    await Promise.all(this.running);
    for (const connection of this.connections) await connection.close();
  }
}

describe('store', () => {
  let intake: IntakeFixture;
  let hook: TestHook;
  let workers: Workers;
  let store: TestStore;
  let handle: WorkflowHandle;
  beforeAll(async () => {
    intake = await IntakeFixture.start();
    hook = await startChatHook();
    const { pool, context } = intake;
    const senders = { pool, keys: context.keys, chat: createChat({ spacingMs: 0 }) };
    workers = await Workers.start({
      [TASK_QUEUES.intake]: createStoreActivities(context, LINK, heartbeat),
      [TASK_QUEUES.effects]: createNotificationActivities(
        {
          ...senders,
          ...{ mail: null, mailDomain: 'quittance.test' },
        },
        heartbeat,
      ),
    });
    store = await intake.store('shop');
    await putChannel(pool, context.keys, {
      ...{ store: store.id, name: 'chat', kind: 'chat', hook: hook.url },
      settings: { digest: true },
    });
  });
  afterAll(async () => {
    await workers.close();
    await hook.close();
    await intake.close();
  });

  const taskDone = (task: string) =>
    waitUntil(`${task} has run`, async () => {
      const { rowCount } = await intake.pool.query(
        'select from store_tasks where store = $1 and task = $2 and done_at is not null',
        [store.id, task],
      );
      return rowCount === 1;
    });

  it('finds an order that the store never told of, and tells people', async () => {
    store.has({ id: 101n });
    handle = await workers.client.workflow.start('store', {
      workflowId: storeWorkflowId(store.id),
      taskQueue: TASK_QUEUES.intake,
      args: [{ store: store.id }],
    });
    await waitUntil('the order is taken in', async () => {
      const { rows } = await intake.pool.query<{ seen: string }>(
        'select first_seen as seen from store_orders where store = $1 and order_id = 101',
        [store.id],
      );
      return rows[0]?.seen === 'reconcile';
    });
    // The wait in which what belongs together is grouped is over.
    await waitUntil('an incident is open', async () => {
      const { rowCount } = await intake.pool.query(
        `update incidents set opened_at = opened_at - interval '1 hour', verified_at = verified_at - interval '1 hour',
           news_at = news_at - interval '1 hour', due_at = clock_timestamp() where store = $1`,
        [store.id],
      );
      return (rowCount ?? 0) > 0;
    });
    await intake.pool.query(
      `update store_tasks set due_at = clock_timestamp() where store = $1 and task = 'notices'`,
      [store.id],
    );
    await handle.signal(WAKE_SIGNAL, 'a test');
    await waitUntil('people are told', () => hook.posts.some(({ text }) => text.includes('101')));
  });

  it('learns thresholds, and when it is due again', async () => {
    await taskDone('learn');
    const { rows } = await intake.pool.query<{ hours: number }>(
      `select extract(epoch from due_at - clock_timestamp())::float8 / 3600 as hours from store_tasks
       where store = $1 and task = 'learn'`,
      [store.id],
    );
    expect(rows[0]?.hours).toBeGreaterThan(0);
    expect(rows[0]?.hours).toBeLessThanOrEqual(24);
  });

  it('ends when the store is closed, and its history replays', async () => {
    await closeStore(intake.context, store.id);
    const { rowCount } = await intake.pool.query(
      `select from outbox where kind = 'wake' and subject = $1`,
      [storeWorkflowId(store.id)],
    );
    expect(rowCount).toBeGreaterThan(0);
    // The relay does so with the row.
    await handle.signal(WAKE_SIGNAL, 'closed');
    expect(await handle.result()).toEqual({ state: 'closed', reason: null });
    const history = await handle.fetchHistory();
    await Worker.runReplayHistory(workflowCode(), history);
  });
});

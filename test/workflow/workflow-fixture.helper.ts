import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createPaidActionActivities, type ActionInput } from '../../activities/paid-action.js';
import { createRebuildActivities } from '../../activities/credits-rebuild.js';
import type { EngineContext } from '../../engine/context.js';
import { createTransmissionOrderActivities } from '../../activities/transmission-order.js';
import {
  actionWorkflowId,
  creditsRebuildWorkflowId,
  orderWorkflowId,
  WAKE_SIGNAL,
} from '../../domain/names/workflows.js';
import { parseCodecKeys } from '../../services/shared/temporal/codec-keys.js';
import { temporalPayloads } from '../../services/shared/temporal/access.js';
import { rebuildContext } from '../../services/worker/queues.js';
import { workflowCode } from '../../services/shared/workflow-code.js';

/** Where replay tests find the histories that were saved. */
export const HISTORIES = new URL('../histories/', import.meta.url);

/** Kept in histories: no name of the machine. */
export const IDENTITY = 'quittance-test';
let isQuiet = false;

/** Only errors of the SDK are shown; once per process. */
export function quiet(): void {
  if (!isQuiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  isQuiet = true;
}

export interface WorkflowFixtureOptions {
  /** As the configuration has them. */
  readonly codecKeys?: string;
  readonly trustsStarts?: boolean;
  /** Beside those of actions, orders and rebuilds. */
  readonly activities?: object;
}

/** What a rebuild is started with; the ledger may be none. */
export interface RebuildStart {
  readonly ledger: string;
  readonly dryRun: boolean;
}

/** A worker on a queue of its own, with a real Temporal and the data of a fixture. */
export class WorkflowFixture {
  private constructor(
    readonly client: Client,
    private readonly worker: Worker,
    private readonly running: Promise<void>,
    private readonly connections: readonly { close(): Promise<void> }[],
    readonly queue: string,
  ) {}

  static async create(
    { engine }: { readonly engine: EngineContext },
    { codecKeys, trustsStarts = true, activities = {} }: WorkflowFixtureOptions = {},
  ): Promise<WorkflowFixture> {
    const address = process.env['TEMPORAL_ADDRESS'];
    if (address === undefined)
      throw new Error('TEMPORAL_ADDRESS is not set: the global setup sets it');
    quiet();
    const [connection, native] = await Promise.all([
      Connection.connect({ address }),
      NativeConnection.connect({ address }),
    ]);
    const payloads = temporalPayloads({
      temporalCodecKeys: parseCodecKeys(codecKeys ?? ''),
    });
    const starts = { apiUrl: 'http://127.0.0.1:8420', trustsStarts };
    const queue = `workflows-${randomBytes(4).toString('hex')}`;
    const worker = await Worker.create({
      connection: native,
      taskQueue: queue,
      identity: IDENTITY,
      ...workflowCode(),
      ...payloads,
      activities: {
        ...createPaidActionActivities(engine, starts),
        ...createTransmissionOrderActivities(engine, starts),
        ...createRebuildActivities(engine.pool, rebuildContext),
        ...activities,
      },
    });
    return new WorkflowFixture(
      new Client({ connection, identity: IDENTITY, ...payloads }),
      worker,
      worker.run(),
      [connection, native],
      queue,
    );
  }

  async close(): Promise<void> {
    this.worker.shutdown();
    await this.running;
    for (const connection of this.connections) await connection.close();
  }

  start(input: ActionInput, again = false): Promise<WorkflowHandle> {
    return this.client.workflow.start('paidAction', {
      workflowId: actionWorkflowId(input.actionId, input.attempt),
      workflowIdReusePolicy: again ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
      taskQueue: this.queue,
      args: [input],
    });
  }

  startOrder(orderId: string, again = false): Promise<WorkflowHandle> {
    return this.client.workflow.start('transmissionOrder', {
      workflowId: orderWorkflowId(orderId),
      workflowIdReusePolicy: again ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
      taskQueue: this.queue,
      args: [{ orderId }],
    });
  }

  /** `before`: as it hands on to itself. */
  startRebuild(input: RebuildStart, before?: object): Promise<WorkflowHandle> {
    return this.client.workflow.start('creditsRebuild', {
      workflowId: creditsRebuildWorkflowId(input.ledger, input.dryRun),
      taskQueue: this.queue,
      args: before === undefined ? [input] : [input, before],
    });
  }

  /** As another service may: any input, under any id. */
  startWith(type: string, workflowId: string, args: readonly unknown[]): Promise<WorkflowHandle> {
    return this.client.workflow.start(type, { workflowId, taskQueue: this.queue, args: [...args] });
  }

  wake(handle: WorkflowHandle, reason = 'a test'): Promise<void> {
    return handle.signal(WAKE_SIGNAL, reason);
  }

  /** How many workflow tasks it took, and how many events. */
  async eventsOf(handle: WorkflowHandle): Promise<{ tasks: number; events: number }> {
    const { events } = await handle.fetchHistory();
    const tasks = (events ?? []).filter(
      ({ workflowTaskCompletedEventAttributes: completed }) =>
        completed !== undefined && completed !== null,
    );
    return { tasks: tasks.length, events: events?.length ?? 0 };
  }
}

/** Keeps the history for the replay tests, where that was asked for (npm run histories). */
export async function keepHistory(
  handle: Pick<WorkflowHandle, 'fetchHistory'>,
  name: string,
): Promise<void> {
  if (process.env['SAVE_HISTORIES'] !== '1') return;
  await mkdir(HISTORIES, { recursive: true });
  const history = historyToJSON(await handle.fetchHistory());
  // Replay does not look at stack traces, which name the machine's folders.
  const portable = history.replaceAll(/("stackTrace": )"(?:[^"\\]|\\.)*"/g, '$1""');
  await writeFile(new URL(`${name}.json`, HISTORIES), portable);
}

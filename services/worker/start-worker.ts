import {
  type ActivityInterceptorsFactory,
  type NativeConnection,
  Worker,
} from '@temporalio/worker';
import type { Config } from '../shared/config.js';
import { temporalPayloads } from '../shared/temporal/access.js';
import { workflowCode } from '../shared/workflow-code.js';
import { versionOf } from './version.js';

interface WorkerParts {
  readonly queue: string;
  readonly activities: object;
  readonly connection: NativeConnection;
  readonly config: Config;
  readonly spans: readonly ActivityInterceptorsFactory[];
}

export interface RunningWorker {
  /** The number of workflows in memory; at most QUITTANCE_WORKER_CACHED_WORKFLOWS. */
  readonly cachedWorkflows: () => number;
  /** Resolves when it has drained; rejects when it fails. */
  readonly done: Promise<void>;
  /** Takes no more tasks and finishes the current ones. */
  stop(): Promise<void>;
}

/** Serves one task queue until stopped. */
export async function startWorker({
  queue,
  activities,
  connection,
  config,
  spans,
}: WorkerParts): Promise<RunningWorker> {
  const version = versionOf(config);
  const worker = await Worker.create({
    connection,
    namespace: config.temporalNamespace,
    taskQueue: queue,
    ...workflowCode({ versioned: version !== undefined }),
    ...(version && {
      workerDeploymentOptions: {
        ...{ version, useWorkerVersioning: true },
        // Every workflow says its own.
        defaultVersioningBehavior: 'AUTO_UPGRADE',
      },
    }),
    ...temporalPayloads(config),
    activities,
    ...(spans.length > 0 && { interceptors: { activity: [...spans] } }),
    maxConcurrentWorkflowTaskExecutions: config.workerWorkflowSlots,
    maxConcurrentActivityTaskExecutions: config.workerActivitySlots,
    maxConcurrentLocalActivityExecutions: config.workerLocalActivitySlots,
    maxCachedWorkflows: config.workerCachedWorkflows,
    shutdownGraceTime: config.shutdownSeconds * 1000 * GRACE_SHARE,
  });
  const done = worker.run();
  return {
    done,
    cachedWorkflows: () => worker.getStatus().numCachedWorkflows,
    stop: async () => {
      worker.shutdown();
      await done;
    },
  };
}

/** The rest of the shutdown time is for closing connections. */
const GRACE_SHARE = 0.8;

import { createPaidActionActivities } from '../../activities/paid-action.js';
import { createRebuildActivities } from '../../activities/credits-rebuild.js';
import type { EngineContext } from '../../engine/context.js';
import { createTransmissionOrderActivities } from '../../activities/transmission-order.js';
import { currentHeartbeat } from './heartbeat.js';
import { TASK_QUEUES, type TaskQueue } from '../../domain/names/workflows.js';

/** Queues that have something to serve; the configuration may name ones to come. */
export function isServed(queue: string): queue is TaskQueue {
  return queue in TASK_QUEUES;
}

/** What runs on each queue, beside the workflows. */
export function activitiesOf(queue: TaskQueue, engine: EngineContext, apiUrl: string): object {
  switch (queue) {
    case 'actions':
      return createPaidActionActivities(engine, apiUrl);
    case 'transmissions':
      return createTransmissionOrderActivities(engine, apiUrl);
    case 'effects':
      return createRebuildActivities(engine.pool, currentHeartbeat);
  }
}

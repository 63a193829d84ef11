import { createActionActivities } from '../../activities/actions/activities.js';
import { createRebuildActivities } from '../../activities/credits/rebuild-activities.js';
import type { Engine } from '../../activities/engine.js';
import { createOrderActivities } from '../../activities/transmissions/activities.js';
import { currentHeart } from './heart.js';
import { TASK_QUEUES, type TaskQueue } from '../../domain/names/workflows.js';

/** Queues that have something to serve; the configuration may name ones to come. */
export function isServed(queue: string): queue is TaskQueue {
  return queue in TASK_QUEUES;
}

/** What runs on each queue, beside the workflows. */
export function activitiesOf(queue: TaskQueue, engine: Engine): object {
  switch (queue) {
    case 'actions':
      return createActionActivities(engine);
    case 'transmissions':
      return createOrderActivities(engine);
    case 'effects':
      return createRebuildActivities(engine.pool, currentHeart);
  }
}

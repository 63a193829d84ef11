import type { Pool } from 'pg';
import { Context } from '@temporalio/activity';
import { createItemTimerActivities } from '../../activities/item-timer.js';
import { createNotificationActivities } from '../../activities/notifications.js';
import { createPaidActionActivities } from '../../activities/paid-action.js';
import { createRebuildActivities, type RebuildContext } from '../../activities/credits-rebuild.js';
import type { EngineContext } from '../../engine/context.js';
import type { Senders } from '../../engine/intake/incidents/send.js';
import { createStoreActivities } from '../../activities/store.js';
import { createTerritoryActivities } from '../../activities/territory.js';
import type { IntakeContext } from '../../engine/intake/context.js';
import { createTransmissionOrderActivities } from '../../activities/transmission-order.js';
import { TASK_QUEUES, type TaskQueue } from '../../domain/names/workflows.js';

/** Whether the queue exists yet; the configuration also accepts planned ones. */
export function isServed(queue: string): queue is TaskQueue {
  return queue in TASK_QUEUES;
}

interface ActivityParts {
  readonly engine: EngineContext;
  readonly intake: IntakeContext;
  /** For long transactions. */
  readonly maintenance: Pool;
  readonly apiUrl: string;
  readonly trustsStarts: boolean;
  readonly senders: Senders;
}

/** The activities of a queue. */
export function activitiesOf(
  queue: TaskQueue,
  { engine, intake, maintenance, apiUrl, trustsStarts, senders }: ActivityParts,
): object {
  switch (queue) {
    case 'actions':
      return {
        ...createPaidActionActivities(engine, { apiUrl, trustsStarts }),
        ...createTerritoryActivities(engine, apiUrl),
      };
    case 'transmissions':
      return createTransmissionOrderActivities(engine, { apiUrl, trustsStarts });
    case 'intake':
      return createStoreActivities(intake, apiUrl, heartbeat);
    case 'effects':
      return {
        ...createRebuildActivities(maintenance, rebuildContext),
        ...createNotificationActivities(senders, heartbeat),
        ...createItemTimerActivities(engine, apiUrl),
      };
  }
}

/** Of the activity that runs now. */
function heartbeat(): void {
  Context.current().heartbeat();
}

/** The context of the rebuild activity that runs now. */
export function rebuildContext(): RebuildContext {
  const context = Context.current();
  return {
    lastHeartbeat: context.info.heartbeatDetails,
    heartbeat: (details) => context.heartbeat(details),
    throwIfStopping: () => context.cancellationSignal.throwIfAborted(),
  };
}

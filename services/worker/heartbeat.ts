import { Context } from '@temporalio/activity';
import type { Heartbeat } from '../../activities/credits-rebuild.js';

/** Of the activity that runs now. */
export function currentHeartbeat(): Heartbeat {
  const context = Context.current();
  return {
    details: context.info.heartbeatDetails,
    beat: (details) => context.heartbeat(details),
    throwIfStopping: () => context.cancellationSignal.throwIfAborted(),
  };
}

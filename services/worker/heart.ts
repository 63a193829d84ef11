import { Context } from '@temporalio/activity';
import type { Heart } from '../../activities/credits/rebuild-activities.js';

/** Of the activity that runs now. */
export function currentHeart(): Heart {
  const context = Context.current();
  return {
    details: context.info.heartbeatDetails,
    beat: (details) => context.heartbeat(details),
    throwIfStopping: () => context.cancellationSignal.throwIfAborted(),
  };
}

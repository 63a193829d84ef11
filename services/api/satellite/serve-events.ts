import type { Pool } from 'pg';
import { closeNats, connectNats } from '../../shared/nats.js';
import type { Service } from '../../shared/process.js';
import { EventFeed } from './event-feed.js';
import { followEvents } from './follow-events.js';

/** What happens to transmissions, from NATS. The rest of the API is served without it: it does not wait for NATS. */
export function serveEvents(
  { config, logger, onStop }: Pick<Service, 'config' | 'logger' | 'onStop'>,
  reads: Pool,
): EventFeed {
  const feed = new EventFeed();
  const following = connectNats(config, logger, 'api').then((nc) => {
    const follower = followEvents({ nc, reads, feed, logger });
    return async () => {
      await Promise.all([follower.stop(), closeNats(nc)]);
    };
  });
  following.catch((err: unknown) =>
    logger.error({ err }, 'events of transmissions are not served'),
  );
  onStop('events of transmissions', async () => {
    // A connection that was never made has nothing to be closed.
    const stop = await Promise.race([following, Promise.resolve(undefined)]);
    await stop?.();
  });
  return feed;
}

import { expireDueLots, postExpired } from '../../engine/credits/expire.js';
import { every, type Repeated } from './every.js';
import type { MaintenanceParts } from './maintenance.js';

/** One probe of an index when there is nothing to do. */
const LOOK_EVERY_MS = 1000;
const ADDRESSES_AT_ONCE = 100;

/** Acts on lots of credits as they expire. */
export function startExpiring({
  pool,
  logger,
  outboxChanged,
}: Pick<MaintenanceParts, 'pool' | 'logger' | 'outboxChanged'>): Repeated {
  let stopping = false;
  const isStopping = (): boolean => stopping;
  const expiring = every(
    LOOK_EVERY_MS,
    async () => {
      let addresses: number;
      do {
        addresses = await expireDueLots(pool, { limit: ADDRESSES_AT_ONCE, post: postExpired });
        if (addresses === 0) return;
        outboxChanged();
        logger.info({ addresses }, 'credits expired');
      } while (addresses === ADDRESSES_AT_ONCE && !isStopping());
    },
    (err) => logger.warn({ err }, 'expired credits were not acted upon'),
  );
  return {
    stop: () => {
      stopping = true;
      return expiring.stop();
    },
  };
}

import { beating, type Heartbeat } from './beating.js';
import { parseInput } from './door.js';
import { type StoreInput, storeInput } from './store.js';
import { runNotices } from '../engine/intake/incidents/run-notices.js';
import type { Senders } from '../engine/intake/incidents/send.js';

/** What stores' workflows run on the queue of slow outside calls. Recorded by name in histories. */
export interface NotificationActivities {
  /** Those that failed have a time for their next try. */
  sendNotifications(input: StoreInput): Promise<void>;
}

export function createNotificationActivities(
  senders: Senders,
  heartbeat: Heartbeat,
): NotificationActivities {
  return {
    sendNotifications: async (input) => {
      const { store } = parseInput(storeInput, input);
      await beating(heartbeat, () => runNotices(senders, store));
    },
  };
}

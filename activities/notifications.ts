import { beating, type Heartbeat } from './beating.js';
import { runNotices } from '../engine/intake/incidents/run-notices.js';
import type { Senders } from '../engine/intake/incidents/send.js';

/** What stores' workflows run on the queue of slow outside calls. Recorded by name in histories. */
export interface NotificationActivities {
  /** Those that failed have a time for their next try. */
  sendNotifications(input: { readonly store: string }): Promise<void>;
}

export function createNotificationActivities(
  senders: Senders,
  heartbeat: Heartbeat,
): NotificationActivities {
  return {
    sendNotifications: async ({ store }) => {
      await beating(heartbeat, () => runNotices(senders, store));
    },
  };
}

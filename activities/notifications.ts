import { type Senders, sendNotifications } from '../engine/intake/incidents/send.js';

/** What stores' workflows run on the queue of slow outside calls. Recorded by name in histories. */
export interface NotificationActivities {
  /** Gives how many messages were sent. Those that failed have a time for their next try. */
  sendNotifications(input: { readonly store: string }): Promise<number>;
}

export function createNotificationActivities(senders: Senders): NotificationActivities {
  return { sendNotifications: ({ store }) => sendNotifications(senders, store) };
}

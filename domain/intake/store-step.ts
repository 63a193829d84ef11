/** What a store's workflow looks at again and again. */
export const STORE_CHECKS = [
  'reconcile',
  'gaps',
  'orders',
  'webhooks',
  'silence',
  'slips',
  'learn',
  'retention',
] as const;
export type StoreCheck = (typeof STORE_CHECKS)[number];

/** Notices are sent by the workers that hold the credentials of mail and chat. */
export const STORE_TASKS = [...STORE_CHECKS, 'notices'] as const;
export type StoreTask = (typeof STORE_TASKS)[number];

/** The activity of each. Recorded by name in histories. */
export const STORE_CALLS = {
  reconcile: 'reconcileStore',
  gaps: 'askForMissingOrders',
  orders: 'askForStuckOrders',
  webhooks: 'askForWebhooks',
  silence: 'checkForSilence',
  slips: 'checkSlips',
  learn: 'learnThresholds',
  retention: 'eraseOldData',
  notices: 'sendNotifications',
} as const satisfies Record<StoreTask, string>;
export type StoreCall = (typeof STORE_CALLS)[StoreTask];

/** For the reader of a history. */
export const TASK_SUMMARIES: Readonly<Record<StoreTask, string>> = {
  reconcile: 'read what the store has changed',
  gaps: 'ask for ids that nothing was heard of',
  orders: 'ask for orders that take long',
  webhooks: 'ask whether the webhooks are on',
  silence: 'compare the silence with the usual',
  slips: 'look for slips that were not sent',
  learn: 'learn how long orders take',
  retention: 'erase personal data that is old',
  notices: 'tell people of incidents',
};

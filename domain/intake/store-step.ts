/** What a store's workflow does again and again. */
export const STORE_TASKS = ['reconcile', 'gaps', 'orders', 'webhooks', 'silence'] as const;
export type StoreTask = (typeof STORE_TASKS)[number];

/** The activity of each. Recorded by name in histories. */
export const STORE_CALLS = {
  reconcile: 'reconcileStore',
  gaps: 'askForMissingOrders',
  orders: 'askForStuckOrders',
  webhooks: 'askForWebhooks',
  silence: 'checkForSilence',
} as const satisfies Record<StoreTask, string>;
export type StoreCall = (typeof STORE_CALLS)[StoreTask];

/** For the reader of a history. */
export const TASK_SUMMARIES: Readonly<Record<StoreTask, string>> = {
  reconcile: 'read what the store has changed',
  gaps: 'ask for ids that nothing was heard of',
  orders: 'ask for orders that take long',
  webhooks: 'ask whether the webhooks are on',
  silence: 'compare the silence with the usual',
};

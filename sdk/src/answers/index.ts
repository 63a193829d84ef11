/** The zod schemas of the API's answers: the API answers by them, the client reads by them. */
export * from './account.js';
export * from './action.js';
export * from './item.js';
export * from './notice.js';
export * from './payment.js';
export * from './people.js';
export * from './problem.js';
export * from './start-token.js';
export * from './statement.js';
export * from './transmission.js';
export * from './reward.js';
export * from './territory.js';
export * from './upload.js';
export * from './values.js';
export * from './wallet.js';
export * from './webhook.js';

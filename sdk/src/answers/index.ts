export * from './account.js';
export * from './action.js';
export * from './item.js';
export * from './problem.js';
export * from './values.js';

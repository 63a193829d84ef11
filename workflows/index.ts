export { paidAction } from './paid-action.js';

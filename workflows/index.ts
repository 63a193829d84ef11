export { creditsRebuild } from './credits-rebuild.js';
export { paidAction } from './paid-action.js';
export { transmissionOrder } from './transmission-order.js';

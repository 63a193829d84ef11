export { creditsRebuild } from './credits-rebuild.js';
export { ephemeralItem, reminder } from './item-timer.js';
export { paidAction } from './paid-action.js';
export { store } from './store.js';
export { territory } from './territory.js';
export { transmissionOrder } from './transmission-order.js';

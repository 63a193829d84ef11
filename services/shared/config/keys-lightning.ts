import { withDefault } from './key.js';
import { seconds } from './values.js';

export const lightningKeys = {
  QUITTANCE_LIGHTNING_HOLD_TIMEOUT_SECONDS: withDefault(seconds, '6600', {
    description:
      'The simulated node gives a held payment back after this, as a real one does some blocks before the payment would time out.',
    unit: 'seconds',
  }),
};

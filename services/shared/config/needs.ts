import type { VariableName } from './schema.js';

/** What a process needs of the configuration, and what it must not need. */
export interface Needs {
  /** What it cannot do without in production. */
  readonly neededInProduction?: readonly VariableName[];
  /** What it never looks at, and what therefore may be missing there: secrets of others. */
  readonly notUsed?: readonly VariableName[];
}

/** By process; one that is not named needs what all need. */
export const NEEDS = {
  relay: {
    neededInProduction: ['QUITTANCE_PAYMENTS_PUBLIC_KEYS', 'QUITTANCE_CONFIRMATIONS_PUBLIC_KEYS'],
  },
  lightning: { neededInProduction: ['QUITTANCE_PAYMENTS_SIGNING_KEY'] },
  'ground-station': { neededInProduction: ['QUITTANCE_CONFIRMATIONS_SIGNING_KEY'] },
  // It holds the keys of payloads, and needs no other secret.
  'codec-server': {
    neededInProduction: ['QUITTANCE_TEMPORAL_CODEC_KEYS'],
    notUsed: [
      ...(['QUITTANCE_SECRET', 'QUITTANCE_STORE_KEY', 'QUITTANCE_LIGHTNING_URL'] as const),
      ...(['QUITTANCE_LIGHTNING_NODE', 'QUITTANCE_LIGHTNING_NETWORK'] as const),
      ...(['NATS_URL', 'TEMPORAL_ADDRESS'] as const),
    ],
  },
} as const satisfies Readonly<Record<string, Needs>>;

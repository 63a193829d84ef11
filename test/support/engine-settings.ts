import { Semaphore } from '../../engine/semaphore.js';
import { derivedStoreKeys } from '../../engine/stored-secrets.js';
import { DEFAULT_TRANSMISSIONS } from '../../domain/transmissions/settings.js';
import type { EngineContext } from '../../engine/context.js';

/** Settings of an engine under test: no deadline passes unless a test moves it, and the outbox notifies nobody. */
export const ENGINE_SETTINGS: Omit<EngineContext, 'pool' | 'node'> = {
  timers: {
    invoiceExpirySeconds: 600,
    creationSeconds: 60,
    expiryGraceSeconds: 2,
    orderInvoiceExpirySeconds: 3600,
    refundGraceSeconds: 2_592_000,
  },
  limits: {
    ...{ unpaidActions: 100, unpaidPerOrigin: 100, unpaidAnonymous: 1000 },
    pendingPerWallet: 25,
    ...{ unpaidBytesPerOrigin: null, unpaidBytes: null },
    ...{ minBidMsat: 1000n, minPerByteBidMsat: 1n },
  },
  transmissions: DEFAULT_TRANSMISSIONS,
  secret: 'mySecretToken',
  storeKeys: derivedStoreKeys('mySecretToken'),
  startDelayMs: 0,
  createLeaseMs: 5000,
  creations: new Semaphore(8),
  outboxChanged: () => undefined,
};

import type { EngineContext } from '../../engine/context.js';

/** Settings of an engine under test: no deadline passes unless a test moves it, and the outbox notifies nobody. */
export const ENGINE_SETTINGS: Omit<EngineContext, 'pool' | 'node'> = {
  timers: {
    invoiceExpirySeconds: 600,
    holdSettleSeconds: 60,
    creationSeconds: 60,
    creationLeaseSeconds: 15,
    expiryGraceSeconds: 2,
    orderInvoiceExpirySeconds: 3600,
    refundGraceSeconds: 2_592_000,
  },
  limits: { unpaidActions: 100, minBidMsat: 1000n, minPerByteBidMsat: 1n },
  secret: 'mySecretToken',
  startDelayMs: 0,
  outboxChanged: () => undefined,
};

import type { Pool } from 'pg';
import type { EngineContext } from '../../engine/context.js';
import type { LightningPort } from '../../adapters/lightning/port.js';
import type { Config } from './config.js';

/** The context of the guarded functions, from the configuration of the process. */
export function createEngineContext(
  config: Config,
  parts: { pool: Pool; node: LightningPort; outboxChanged: () => void },
): EngineContext {
  return {
    ...parts,
    timers: {
      invoiceExpirySeconds: config.invoiceExpirySeconds,
      holdSettleSeconds: config.holdSettleSeconds,
      creationSeconds: config.creationSeconds,
      creationLeaseSeconds: config.creationLeaseSeconds,
      expiryGraceSeconds: config.expiryGraceSeconds,
      orderInvoiceExpirySeconds: config.orderInvoiceExpirySeconds,
      refundGraceSeconds: config.refundGraceDays * 86_400,
      ...(config.confirmTimeoutSeconds === undefined
        ? {}
        : { confirmTimeoutSeconds: config.confirmTimeoutSeconds }),
    },
    limits: {
      unpaidActions: config.unpaidLimit,
      minBidMsat: config.minBidMsat,
      minPerByteBidMsat: config.minPerByteBidMsat,
    },
    secret: config.secret,
    startDelayMs: config.startDelayMs,
  };
}

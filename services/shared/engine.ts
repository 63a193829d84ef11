import type { Pool } from 'pg';
import type { Engine } from '../../activities/engine.js';
import type { LightningPort } from '../../domain/lightning/port.js';
import type { Config } from './config.js';

/** What every process that changes state works with, from its configuration. */
export function createEngine(
  config: Config,
  parts: { pool: Pool; node: LightningPort; outboxChanged: () => void },
): Engine {
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

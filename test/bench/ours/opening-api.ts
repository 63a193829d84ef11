import { randomBytes } from 'node:crypto';
import {
  LightningError,
  type CreatedInvoice,
  type CreateInvoice,
  type LightningPort,
} from '../../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../../domain/money.js';
import { hashOfPreimage } from '../../../engine/invoices/preimage.js';
import { buildApi } from '../../../services/api/server.js';
import { createEngineContext } from '../../../services/shared/engine-context.js';
import { createNode } from '../../../adapters/lightning/create-node.js';
import { createPool } from '../../../services/shared/pool.js';
import { runService } from '../../../services/shared/process.js';

/**
 * The real API with a stub of the node. The stub is unavailable for actions, so that only the opening is measured. Orders are
 * refused without an invoice: for them it answers at once.
 */
runService(
  'bench-api',
  async (service) => {
    const { config, logger, opsRoutes } = service;
    const pool = createPool(config, logger);
    service.onStop('PostgreSQL', () => pool.end());
    const node: LightningPort = Object.assign(createNode(config), { createInvoice });
    const engine = createEngineContext(config, { pool, node, outboxChanged: () => undefined });
    const app = buildApi({ engine, reads: pool, logger, opsRoutes });
    service.onStop('HTTP', () => app.close());
    service.announce(await app.listen({ host: '127.0.0.1', port: 0 }));
  },
  { opsServer: false },
);

/** A public key. */
const NODE = `02${'ab'.repeat(32)}`;

function createInvoice(request: CreateInvoice): Promise<CreatedInvoice> {
  const { kind, preimage, hash, amountMsat, expirySeconds, memo } = request;
  if (memo.startsWith('zap')) {
    return Promise.reject(LightningError.unavailable('the benchmark has no node'));
  }
  const createdAt = new Date();
  return Promise.resolve({
    kind,
    node: NODE,
    hash: hash ?? hashOfPreimage(preimage ?? ''),
    bolt11: `lnbcrt${randomBytes(100).toString('hex')}`,
    state: 'open',
    amountMsat,
    receivedMsat: ZERO_MSAT,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + expirySeconds * 1000),
  });
}

import type { Pool } from 'pg';
import { createWebhookPort } from '../../adapters/webhooks/create-port.js';
import type { WebhookContext } from '../../engine/webhooks/context.js';
import type { ConfigOf } from './config.js';
import { storeKeysOf } from './store-keys.js';

type WebhookConfig = ConfigOf<
  'QUITTANCE_STORE_KEY' | 'QUITTANCE_SECRET' | 'QUITTANCE_WEBHOOK_NETWORKS'
>;

/** The context of webhooks, from the configuration of the process. */
export function createWebhookContext(config: WebhookConfig, pool: Pool): WebhookContext {
  return {
    pool,
    keys: storeKeysOf(config),
    port: createWebhookPort(config.webhookNetworks),
  };
}

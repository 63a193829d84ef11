import type { Pool } from 'pg';
import type { WebhookPort } from '../../adapters/webhooks/port.js';
import type { StoreKeys } from '../stored-secrets.js';

/** What the guarded functions of webhooks work with. */
export interface WebhookContext {
  readonly pool: Pool;
  /** Those that secrets of stores are encrypted with. */
  readonly keys: StoreKeys;
  readonly port: WebhookPort;
}

/** Names the row that a secret belongs to. */
export function aboutEndpoint(id: string): string {
  return `endpoint/${id}`;
}

import type { Pool } from 'pg';
import type { StoreApi } from '../../adapters/woocommerce/port.js';
import type { StoreKeys } from '../stored-secrets.js';

/** Consumer key and secret of a store's REST API. */
export interface ApiKey {
  readonly key: string;
  readonly secret: string;
}

/** What order intake works with; created once per process. */
export interface IntakeContext {
  readonly pool: Pool;
  readonly keys: StoreKeys;
  /** Notifies the relays that the outbox has rows; never inside a transaction. */
  readonly outboxChanged: () => void;
  /** A client of the store's API: one per store, so that its limits hold for all callers of this process. */
  readonly connect: (store: { readonly id: string; readonly url: string }, key: ApiKey) => StoreApi;
  /** Under this stores deliver their webhooks: our API's public URL, without a slash at the end. */
  readonly publicUrl: string;
}

import { derivedStoreKeys, type StoreKeys } from '../../engine/stored-secrets.js';
import type { ConfigOf } from './config.js';

/** With which secrets in rows are encrypted: the configured keys; in development, one made of the master secret. */
export function storeKeysOf({
  storeKey,
  secret,
}: ConfigOf<'QUITTANCE_STORE_KEY' | 'QUITTANCE_SECRET'>): StoreKeys {
  return storeKey ?? derivedStoreKeys(secret);
}

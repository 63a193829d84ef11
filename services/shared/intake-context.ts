import type { Pool } from 'pg';
import { StoreClient } from '../../adapters/woocommerce/client/store-client.js';
import type { ApiKey, IntakeContext } from '../../engine/intake/context.js';
import type { ConfigOf } from './config.js';
import { storeKeysOf } from './store-keys.js';

const TIMEOUT_MS = 20_000;

/** The context of order intake, from the configuration of the process. */
export function createIntakeContext(
  config: ConfigOf<'QUITTANCE_STORE_KEY' | 'QUITTANCE_SECRET' | 'QUITTANCE_API_URL'>,
  parts: { readonly pool: Pool; readonly outboxChanged: () => void },
): IntakeContext {
  return {
    ...parts,
    keys: storeKeysOf(config),
    connect: storeClients(),
    publicUrl: config.apiUrl,
  };
}

/** A client per store: it holds the limits of the calls to that store. Another key or address makes another client. */
function storeClients(): IntakeContext['connect'] {
  const clients = new Map<string, { readonly of: string; readonly client: StoreClient }>();
  return ({ id, url }, { key, secret }: ApiKey) => {
    const of = JSON.stringify([url, key, secret]);
    const known = clients.get(id);
    if (known?.of === of) return known.client;
    const client = new StoreClient({ url, key, secret, timeoutMs: TIMEOUT_MS });
    clients.set(id, { of, client });
    return client;
  };
}

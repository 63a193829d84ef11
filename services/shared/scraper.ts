import type { Pool } from 'pg';
import { mayDo } from '../../domain/accounts/roles.js';
import { authenticate } from '../../engine/accounts/tokens.js';

/** Whether a token may read metrics. Rejects while PostgreSQL does not answer. */
export type MayScrape = (token: string) => Promise<boolean>;

export function scrapers(pool: Pool): MayScrape {
  return async (token) => {
    const account = await authenticate(pool, token);
    return account !== undefined && mayDo(account, 'metrics');
  };
}

import type { Pool } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { migrate } from '../../../../../db/migrate.js';
import { putChannel } from '../../../../../engine/intake/incidents/channels.js';
import { derivedStoreKeys, type StoreKeys } from '../../../../../engine/stored-secrets.js';
import { emptyDatabase, testPool } from '../../../../support/empty-database.js';

export interface StoreFixture {
  readonly pool: Pool;
  readonly keys: StoreKeys;
  /** Opens a store that can be asked, so that what is unverified waits. */
  openStore(id: string): Promise<void>;
  /** Without the digest unless asked for: whether one is due goes by the hour. */
  addMail(store: string, channel?: { readonly digest?: boolean }): Promise<bigint>;
  addChat(store: string, hook: string): Promise<bigint>;
  /** Moves an incident and its notices into the past. */
  age(store: string, hours: number): Promise<void>;
}

/** A migrated database for the tests of a file. */
export function useStores(): StoreFixture {
  const keys = derivedStoreKeys('a secret of the test');
  let pool: Pool;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await emptyDatabase();
    await migrate({ connectionString: database.url });
    pool = testPool(database.url, 8);
    drop = async () => {
      await pool.end();
      await database.drop();
    };
  });
  afterAll(() => drop());
  return {
    get pool() {
      return pool;
    },
    keys,
    openStore: async (id) => {
      await pool.query(
        `insert into stores (id, url, name, zone, installed_at, watermark, api_key)
         values ($1, 'https://shop.example/', 'Shop & <Sons>', 'Europe/Zurich', now(), now(), '\\x00')`,
        [id],
      );
    },
    addMail: (store, { digest = false } = {}) =>
      putChannel(pool, keys, {
        ...{ store, name: 'operators', kind: 'mail', hook: null },
        settings: { to: ['op@example.org'], digest },
      }).then(({ id }) => id),
    addChat: (store, hook) =>
      putChannel(pool, keys, {
        ...{ store, name: 'chat', kind: 'chat', hook },
        settings: { digest: false },
      }).then(({ id }) => id),
    age: async (store, hours) => {
      await pool.query(
        `update incidents set opened_at = opened_at - $2 * interval '1 hour', verified_at = verified_at - $2 * interval '1 hour',
           told_at = told_at - $2 * interval '1 hour', news_at = news_at - $2 * interval '1 hour', due_at = clock_timestamp()
         where store = $1`,
        [store, hours],
      );
    },
  };
}

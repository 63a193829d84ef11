import type { ClientBase } from 'pg';
import { decryptSecret, encryptSecret, type StoreKeys } from '../secrets.js';

type Db = Pick<ClientBase, 'query'>;

export interface NewSecret {
  readonly store: string;
  /** `*` for any. */
  readonly topic: string;
  readonly secret: string;
  readonly webhookId?: bigint;
  readonly deliveryUrl?: string;
}

export async function addSecret(db: Db, keys: StoreKeys, added: NewSecret): Promise<void> {
  const { store, topic, secret, webhookId = null, deliveryUrl = null } = added;
  await db.query(
    `insert into store_webhooks (store, topic, secret, webhook_id, delivery_url, status)
     values ($1, $2, $3, $4, $5, case when $4::bigint is null then 'unknown' else 'active' end)
     on conflict (store, webhook_id) do update set secret = excluded.secret, topic = excluded.topic, delivery_url = excluded.delivery_url`,
    [store, topic, encryptSecret(keys, `webhook/${store}`, secret), webhookId, deliveryUrl],
  );
}

/** All secrets of an open store; undefined when there is no such store. */
export async function readSecrets(
  db: Db,
  keys: StoreKeys,
  store: string,
): Promise<readonly string[] | undefined> {
  const { rows } = await db.query<{ secret: Buffer | null }>(
    `select w.secret from stores s left join store_webhooks w on w.store = s.id
     where s.id = $1 and s.closed_at is null order by w.id`,
    [store],
  );
  if (rows.length === 0) return undefined;
  return rows.flatMap(({ secret }) =>
    secret === null ? [] : [decryptSecret(keys, `webhook/${store}`, secret)],
  );
}

/** Encrypts what is encrypted with an older key again; gives how many values that were. */
export async function rotateSecrets(db: Db, keys: StoreKeys): Promise<number> {
  const version = Math.max(...keys.keys());
  let changed = 0;
  for (const [table, column, id, about] of ROTATED) {
    const { rows } = await db.query<{ id: string; value: Buffer; store: string }>(
      `select ${id} as id, ${column} as value, ${about} as store from ${table}
       where ${column} is not null and get_byte(${column}, 0) <> $1 for update`,
      [version],
    );
    for (const row of rows) {
      const name = `${table === 'stores' ? 'api' : 'webhook'}/${row.store}`;
      const value = encryptSecret(keys, name, decryptSecret(keys, name, row.value));
      await db.query(`update ${table} set ${column} = $2 where ${id} = $1`, [row.id, value]);
    }
    changed += rows.length;
  }
  return changed;
}

const ROTATED = [
  ['stores', 'api_key', 'id', 'id'],
  ['store_webhooks', 'secret', 'id', 'store'],
] as const;

import type { ClientBase } from 'pg';
import {
  currentVersion,
  decryptSecret,
  encryptSecret,
  type StoreKeys,
} from '../../stored-secrets.js';

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
  const version = currentVersion(keys);
  let changed = 0;
  for (const [table, column, name] of ROTATED) {
    const { rows } = await db.query<{ id: string; value: Buffer; name: string }>(
      `select id::text as id, ${column} as value, ${name} as name from ${table}
       where ${column} is not null and get_byte(${column}, 0) <> $1 for update`,
      [version],
    );
    for (const row of rows) {
      const value = encryptSecret(keys, row.name, decryptSecret(keys, row.name, row.value));
      await db.query(`update ${table} set ${column} = $2 where id::text = $1`, [row.id, value]);
    }
    changed += rows.length;
  }
  return changed;
}

/** Table, column, and what its values are encrypted for. */
const ROTATED = [
  ['stores', 'api_key', `'api/' || id`],
  ['store_webhooks', 'secret', `'webhook/' || store`],
  ['notice_channels', 'secret', `'channel/' || store || '/' || name`],
  ['webhook_endpoints', 'secret', `'endpoint/' || id`],
  ['webhook_endpoints', 'old_secret', `'endpoint/' || id`],
  ['wallets', 'sealed', `'wallet/' || owner || '/' || address`],
] as const;

import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../../db/transaction.js';
import { Refusal } from '../../../domain/refusal.js';
import { type IdempotencyKey, takeKey } from '../../idempotency.js';
import { encryptSecret, type StoreKeys } from '../../stored-secrets.js';
import { causeOfChannel } from './channel-health.js';
import { secretName } from './channel-settings.js';
import { notifyChannel } from './notify.js';
import { healIncident } from './raise.js';
import { readToldStore } from './told.js';
import { wakeNotices } from './wake-notices.js';

/** How a channel is; its secret is never read back. */
export interface Channel {
  readonly id: bigint;
  readonly store: string;
  readonly kind: 'mail' | 'chat';
  readonly name: string;
  readonly settings: unknown;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly lastError: string | null;
  readonly lastSentAt: Date | null;
  readonly waiting: number;
}

export interface ChannelName {
  readonly store: string;
  readonly name: string;
}

const COLUMNS = `id, store, kind, name, settings, failures, failing_since as "failingSince", last_error as "lastError",
  last_sent_at as "lastSentAt",
  (select count(*)::int from notifications n where n.channel_id = c.id and n.state = 'waiting') as waiting`;

export async function readChannels(pool: Pool, store: string): Promise<Channel[]> {
  const { rows } = await pool.query<Channel>(
    `select ${COLUMNS} from notice_channels c where store = $1 and removed_at is null order by id`,
    [store],
  );
  return rows;
}

export interface ChannelChange extends ChannelName {
  readonly kind: 'mail' | 'chat';
  readonly settings: object;
  /** Of a chat: the address of its webhook. Null for mail. */
  readonly hook: string | null;
}

/** Adds the channel, or replaces the one of that name. Throws Refusal `store.not_found`, `channel.other_kind`. */
export function putChannel(pool: Pool, keys: StoreKeys, change: ChannelChange): Promise<Channel> {
  const { store, name, kind, settings, hook } = change;
  const secret = hook === null ? null : encryptSecret(keys, secretName(store, name), hook);
  return inTransaction(pool, async (tx) => {
    await requireStore(tx, store);
    const { rows } = await tx.query<Channel>(
      `insert into notice_channels as c (store, kind, name, settings, secret) values ($1, $2, $3, $4, $5)
       on conflict (store, name) where removed_at is null do update
         set settings = excluded.settings, secret = excluded.secret, paused_until = null
         where c.kind = excluded.kind
       returning ${COLUMNS}`,
      [store, kind, name, JSON.stringify(settings), secret],
    );
    const [channel] = rows;
    if (channel === undefined) throw new Refusal('channel.other_kind', `“${name}” is not ${kind}`);
    await wakeNotices(tx, store, `channel ${channel.id} was set`);
    return channel;
  });
}

/** Its messages that wait are given up. Throws Refusal `channel.not_found`. */
export function removeChannel(pool: Pool, channel: ChannelName): Promise<void> {
  return inTransaction(pool, async (tx) => {
    const id = await lockChannel(tx, channel);
    await tx.query('update notice_channels set removed_at = clock_timestamp() where id = $1', [id]);
    await tx.query(
      `update notifications set state = 'given_up', ended_at = clock_timestamp(), last_error = 'the channel was removed'
       where channel_id = $1 and state = 'waiting'`,
      [id],
    );
    const incident = { kind: 'channel_failing', cause: causeOfChannel(id) } as const;
    await healIncident(tx, { store: channel.store, ...incident });
  });
}

/** A message that says only that it is one. Throws Refusal `channel.not_found`. Gives its number; a replay sends nothing. */
export function testChannel(
  pool: Pool,
  channel: ChannelName,
  key?: IdempotencyKey,
): Promise<{ readonly replayed: boolean }> {
  return inTransaction(pool, async (tx) => {
    const id = await lockChannel(tx, channel);
    const taken = key && (await takeKey(tx, key, { kind: 'notification', id: randomUUID() }));
    if (taken !== undefined) return { replayed: true };
    const store = await requireStore(tx, channel.store);
    await notifyChannel(tx, id, { what: 'test', store, incidents: [] });
    // Whoever asks for a test has mended something: what waits is tried at once.
    await tx.query('update notice_channels set paused_until = null where id = $1', [id]);
    await tx.query(
      `update notifications set due_at = clock_timestamp() where channel_id = $1 and state = 'waiting'`,
      [id],
    );
    await wakeNotices(tx, channel.store, `test of channel ${id}`);
    return { replayed: false };
  });
}

async function requireStore(tx: ClientBase, store: string) {
  const found = await readToldStore(tx, store);
  if (found === undefined) throw new Refusal('store.not_found', `there is no store ${store}`);
  return found;
}

async function lockChannel(tx: ClientBase, { store, name }: ChannelName): Promise<bigint> {
  const { rows } = await tx.query<{ id: bigint }>(
    'select id from notice_channels where store = $1 and name = $2 and removed_at is null for update',
    [store, name],
  );
  const [row] = rows;
  if (row === undefined)
    throw new Refusal('channel.not_found', `store ${store} has no channel “${name}”`);
  return row.id;
}

import type { Pool } from 'pg';
import type { ChatPort } from '../../../adapters/chat/port.js';
import type { MailPort } from '../../../adapters/mail/port.js';
import { inTransaction } from '../../../db/transaction.js';
import { chatText } from '../../../domain/intake/incidents/chat-text.js';
import {
  GIVE_UP_MS,
  pauseAfter,
  type Delivery,
} from '../../../domain/intake/incidents/delivery.js';
import { mailContent } from '../../../domain/intake/incidents/mail-text.js';
import type { Message } from '../../../domain/intake/incidents/message.js';
import { decryptSecret, type StoreKeys } from '../../stored-secrets.js';
import { recordHealth } from './channel-health.js';
import { readContent } from './content.js';
import { mailSettings, secretName } from './channel-settings.js';

/** What messages leave by. Without a mail server, channels for mail fail visibly. */
export interface Senders {
  readonly pool: Pool;
  readonly mail: MailPort | null;
  readonly chat: ChatPort;
  /** Of the secrets of channels. */
  readonly keys: StoreKeys;
  /** The right side of Message-IDs: it names the installation and stays. */
  readonly mailDomain: string;
}

interface Claimed {
  readonly id: bigint;
  readonly store: string;
  readonly channelId: bigint;
  readonly lease: number;
  readonly tries: number;
  readonly what: Message['what'];
  readonly content: unknown;
  readonly kind: 'mail' | 'chat';
  readonly name: string;
  readonly settings: unknown;
  readonly secret: Buffer | null;
}

/** Longer than a send may take; a crashed sender's messages are sent again after it. */
const LEASE_SECONDS = 120;
const CLAIMED_AT_ONCE = 10;

/** Of each channel the oldest first. The channel's row is not locked: its health changes with every message. */
const CLAIM = `
  with due as (
    select n.id from notifications n join notice_channels c on c.id = n.channel_id
    where n.store = $1 and n.state = 'waiting' and n.due_at <= clock_timestamp()
      and (n.leased_until is null or n.leased_until < clock_timestamp())
      and (c.paused_until is null or c.paused_until < clock_timestamp())
    order by n.due_at, n.id limit $2 for update of n skip locked),
  claimed as (
    update notifications n set lease = lease + 1, leased_until = clock_timestamp() + $3 * interval '1 second', tries = tries + 1
    from due where n.id = due.id
    returning n.id, n.store, n.channel_id, n.lease, n.tries, n.what, n.content)
  select n.id, n.store, n.channel_id as "channelId", n.lease, n.tries, n.what, n.content, c.kind, c.name, c.settings,
    case when c.removed_at is null then c.secret end as secret
  from claimed n join notice_channels c on c.id = n.channel_id order by n.id`;

/**
 * Sends what is due, one after the other, outside of transactions, and records what became of it. After a crash between the two a
 * message is sent once more, with the same Message-ID. Gives how many were sent.
 */
export async function sendNotifications(senders: Senders, store: string): Promise<number> {
  let sent = 0;
  for (;;) {
    const { rows } = await senders.pool.query<Claimed>(CLAIM, [
      ...[store, CLAIMED_AT_ONCE, LEASE_SECONDS],
    ]);
    for (const claimed of rows) {
      const delivery = await deliver(senders, claimed);
      await record(senders.pool, claimed, delivery);
      if (delivery.kind === 'sent') sent += 1;
    }
    if (rows.length < CLAIMED_AT_ONCE) return sent;
  }
}

function deliver(senders: Senders, claimed: Claimed): Promise<Delivery> {
  const message = readContent(claimed.what, claimed.content);
  if (claimed.kind === 'chat') {
    if (claimed.secret === null) return Promise.resolve(REMOVED);
    const hook = decryptSecret(
      senders.keys,
      secretName(claimed.store, claimed.name),
      claimed.secret,
    );
    return senders.chat.post(hook, chatText(message));
  }
  if (senders.mail === null) return Promise.resolve(NO_SERVER);
  const { to } = mailSettings.parse(claimed.settings);
  const messageId = `<notification.${claimed.id}@${senders.mailDomain}>`;
  return senders.mail.send({ messageId, to, ...mailContent(message) });
}

const NO_SERVER: Delivery = { kind: 'refused', reason: 'QUITTANCE_SMTP_URL is not set' };
const REMOVED: Delivery = { kind: 'refused', reason: 'the channel was removed' };

/** Only the newest lease records: whoever was too slow leaves it to the one who took over. */
function record(pool: Pool, claimed: Claimed, delivery: Delivery): Promise<void> {
  const { id, lease, store, channelId, tries } = claimed;
  const pauseMs = delivery.kind === 'sent' ? 0 : pauseAfter(tries, delivery);
  return inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update notifications set leased_until = null,
         last_error = $4,
         state = case when $4::text is null then 'sent' when created_at < clock_timestamp() - $5 * interval '1 millisecond'
           then 'given_up' else 'waiting' end,
         ended_at = case when $4::text is null or created_at < clock_timestamp() - $5 * interval '1 millisecond'
           then clock_timestamp() end,
         due_at = clock_timestamp() + $3 * interval '1 millisecond'
       where id = $1 and lease = $2 and state = 'waiting'`,
      [id, lease, pauseMs, delivery.kind === 'sent' ? null : delivery.reason, GIVE_UP_MS],
    );
    if (rowCount === 1) await recordHealth(tx, { store, channelId, delivery, pauseMs });
  });
}

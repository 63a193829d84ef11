import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';

type Db = Pick<ClientBase, 'query'>;

export interface PushSubscription {
  readonly id: bigint;
  readonly endpoint: string;
  readonly createdAt: Date;
}

export interface NewSubscription {
  readonly endpoint: string;
  readonly p256dh: Buffer;
  readonly auth: Buffer;
}

const MOST = 20;

/** A device of an account, from now on. The same device again is the same one; under another account it is theirs. Throws Refusal `push.too_many`. */
export async function subscribe(
  tx: Db,
  account: string,
  { endpoint, p256dh, auth }: NewSubscription,
): Promise<PushSubscription> {
  // One after the other, so that the limit holds.
  await tx.query('select from accounts where id = $1 for no key update', [account]);
  const { rows } = await tx.query<PushSubscription>(
    `insert into push_subscriptions (account, endpoint, p256dh, auth)
     select $1, $2, $3, $4 where (
       select count(*) from push_subscriptions where account = $1 and ended_at is null and endpoint <> $2) < $5
     on conflict (endpoint) do update set account = excluded.account, p256dh = excluded.p256dh, auth = excluded.auth, ended_at = null
     returning id, endpoint, created_at as "createdAt"`,
    [account, endpoint, p256dh, auth, MOST],
  );
  const [subscription] = rows;
  if (subscription === undefined) {
    throw new Refusal('push.too_many', `an account has at most ${MOST} devices`);
  }
  return subscription;
}

export async function listSubscriptions(db: Db, account: string): Promise<PushSubscription[]> {
  const { rows } = await db.query<PushSubscription>(
    `select id, endpoint, created_at as "createdAt" from push_subscriptions
     where account = $1 and ended_at is null order by id`,
    [account],
  );
  return rows;
}

/** Again is the same as once. */
export async function unsubscribe(tx: Db, account: string, id: string): Promise<void> {
  await tx.query(
    `update push_subscriptions set ended_at = coalesce(ended_at, clock_timestamp()) where account = $1 and id = $2`,
    [account, id],
  );
}

import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Signing } from '../../adapters/webhooks/port.js';
import { inTransaction } from '../../db/transaction.js';
import { Refusal } from '../../domain/refusal.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import { decryptSecret, encryptSecret } from '../stored-secrets.js';
import { aboutEndpoint, type WebhookContext } from './context.js';

type Db = Pick<ClientBase, 'query'>;

export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly string[];
  readonly signing: Signing;
  readonly createdAt: Date;
  readonly oldSecretUntil: Date | null;
  readonly failingSince: Date | null;
  readonly lastError: string | null;
  readonly disabledAt: Date | null;
  /** `failing`: nothing arrived for days. `gone`: it answered 410. */
  readonly disabledBecause: 'owner' | 'failing' | 'gone' | null;
  readonly waiting: number;
}

const MOST_ENDPOINTS = 10;

const COLUMNS = `e.id, e.url, e.description, e.events, e.signing, e.created_at as "createdAt", e.last_error as "lastError",
  case when e.old_secret_until > clock_timestamp() then e.old_secret_until end as "oldSecretUntil",
  e.failing_since as "failingSince", e.disabled_at as "disabledAt", e.disabled_because as "disabledBecause",
  (select count(*)::int from webhook_deliveries d where d.endpoint = e.id and d.state = 'waiting') as waiting`;

export interface NewEndpoint {
  /** Account id. */
  readonly account: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly string[];
  readonly signing: Signing;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface CreatedEndpoint {
  readonly endpoint: Endpoint;
  readonly key: string;
  readonly replayed: boolean;
}

/** Throws Refusal `webhook.too_many` or `webhook.address_refused`. */
export function createEndpoint(
  context: WebhookContext,
  added: NewEndpoint,
): Promise<CreatedEndpoint> {
  checkUrl(context, added.url);
  const { account, signing, idempotencyKey } = added;
  const id = randomUUID();
  return inTransaction(context.pool, async (tx) => {
    const first = idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'webhook', id }));
    if (first !== undefined) {
      const endpoint = await readEndpoint(tx, account, first.id);
      return { endpoint, key: await readKey(context, tx, first.id), replayed: true };
    }
    const secret = context.port.newSecret(signing);
    // Under the account's lock: two at once must not be one too many.
    await tx.query('select from accounts where id = $1 for no key update', [account]);
    const { rowCount } = await tx.query(
      `insert into webhook_endpoints (id, account, url, description, events, signing, secret)
       select $1, $2, $3, $4, $5, $6, $7
       where (select count(*) from webhook_endpoints where account = $2) < $8`,
      [
        ...[id, account, added.url, added.description, added.events, signing],
        ...[encryptSecret(context.keys, aboutEndpoint(id), secret), MOST_ENDPOINTS],
      ],
    );
    if (rowCount !== 1) {
      throw new Refusal('webhook.too_many', `an account has at most ${MOST_ENDPOINTS} endpoints`);
    }
    const endpoint = await readEndpoint(tx, account, id);
    return { endpoint, key: context.port.verificationKey(signing, secret), replayed: false };
  });
}

/** What the receiver verifies with. */
async function readKey({ keys, port }: WebhookContext, db: Db, id: string): Promise<string> {
  const { rows } = await db.query<{ secret: Buffer; signing: Signing }>(
    'select secret, signing from webhook_endpoints where id = $1',
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw unknown(id);
  return port.verificationKey(row.signing, decryptSecret(keys, aboutEndpoint(id), row.secret));
}

/** Throws Refusal `webhook.not_found`. */
export async function readEndpoint(db: Db, account: string, id: string): Promise<Endpoint> {
  const { rows } = await db.query<Endpoint>(
    `select ${COLUMNS} from webhook_endpoints e where e.id = $1 and e.account = $2`,
    [id, account],
  );
  const [endpoint] = rows;
  if (endpoint === undefined) throw unknown(id);
  return endpoint;
}

export async function listEndpoints(db: Db, account: string): Promise<Endpoint[]> {
  const { rows } = await db.query<Endpoint>(
    `select ${COLUMNS} from webhook_endpoints e where e.account = $1 order by e.created_at, e.id`,
    [account],
  );
  return rows;
}

export interface EndpointChange {
  readonly url?: string;
  readonly description?: string;
  readonly events?: readonly string[];
  /** True begins anew with one that was disabled. What was missed meanwhile is replayed on request only. */
  readonly enabled?: boolean;
}

/** Throws Refusal `webhook.not_found` or `webhook.address_refused`. */
export async function changeEndpoint(
  context: WebhookContext,
  { account, id }: { readonly account: string; readonly id: string },
  { url, description, events, enabled }: EndpointChange,
): Promise<Endpoint> {
  if (url !== undefined) checkUrl(context, url);
  await context.pool.query(
    `update webhook_endpoints set url = coalesce($3, url), description = coalesce($4, description),
       events = coalesce($5, events),
       failing_since = case when $6 then null else failing_since end,
       disabled_at = case when $6 then null when not $6 then coalesce(disabled_at, clock_timestamp()) else disabled_at end,
       disabled_because = case when $6 then null when not $6 then coalesce(disabled_because, 'owner') else disabled_because end
     where id = $1 and account = $2`,
    [id, account, url ?? null, description ?? null, events ?? null, enabled ?? null],
  );
  return readEndpoint(context.pool, account, id);
}

/** With its history. Throws Refusal `webhook.not_found`. */
export async function deleteEndpoint(db: Db, account: string, id: string): Promise<void> {
  const { rowCount } = await db.query(
    'delete from webhook_endpoints where id = $1 and account = $2',
    [id, account],
  );
  if (rowCount !== 1) throw unknown(id);
  await db.query('delete from webhook_deliveries where endpoint = $1', [id]);
}

export interface Rotation {
  readonly account: string;
  readonly id: string;
  /** How long the old secret signs too. */
  readonly overlapSeconds: number;
  readonly idempotencyKey?: IdempotencyKey;
}

/** A new secret; until the overlap ends, messages carry a signature by each. Throws Refusal `webhook.not_found`. */
export function rotateSecret(
  context: WebhookContext,
  { account, id, overlapSeconds, idempotencyKey }: Rotation,
): Promise<CreatedEndpoint> {
  return inTransaction(context.pool, async (tx) => {
    const { signing } = await readEndpoint(tx, account, id);
    const first = idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'webhook', id }));
    if (first === undefined) {
      const secret = context.port.newSecret(signing);
      await tx.query(
        `update webhook_endpoints set old_secret = secret, secret = $2,
           old_secret_until = clock_timestamp() + $3 * interval '1 second' where id = $1`,
        [id, encryptSecret(context.keys, aboutEndpoint(id), secret), overlapSeconds],
      );
    }
    const endpoint = await readEndpoint(tx, account, id);
    return { endpoint, key: await readKey(context, tx, id), replayed: first !== undefined };
  });
}

function checkUrl({ port }: WebhookContext, url: string): void {
  const message = port.refusalOf(url);
  if (message === undefined) return;
  throw new Refusal('webhook.address_refused', message, [{ path: 'url', message }]);
}

function unknown(id: string): Refusal {
  return new Refusal('webhook.not_found', `there is no endpoint ${id}`);
}

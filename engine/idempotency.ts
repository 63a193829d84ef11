import type { ClientBase } from 'pg';
import { Refusal } from '../domain/refusal.js';

/** Identifies a request that may be sent again: the first one acts, the others read what it opened. */
export interface IdempotencyKey {
  /** SHA-256 of the account or client secret that the key belongs to. */
  readonly scope: Buffer;
  readonly key: string;
  /** SHA-256 of the request's body and address. */
  readonly bodyHash: Buffer;
}

/** What a key was used for. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly id: string;
}

export type ResourceKind =
  | 'action'
  | 'account'
  | 'tokens'
  | 'grant'
  | 'notification'
  | 'store'
  | 'start_token'
  | 'transmission'
  | 'draft'
  | 'webhook';

/**
 * Takes an idempotency key for a resource, in the transaction that opens or changes it. Undefined when this request has taken
 * the key; else the resource of the same request made before, which must not be carried out again. Of two concurrent requests
 * the second waits until the first has committed. Throws Refusal `idempotency.body_differs` when the key was used for another
 * request.
 */
export async function takeKey(
  tx: ClientBase,
  idempotencyKey: IdempotencyKey,
  resource: Resource,
): Promise<Resource | undefined> {
  const { scope, key, bodyHash } = idempotencyKey;
  const { rowCount } = await tx.query(
    `insert into idempotency_keys (scope, key, body_hash, thing_kind, thing_id)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [scope, key, bodyHash, resource.kind, resource.id],
  );
  return rowCount === 1 ? undefined : readTaken(tx, idempotencyKey);
}

/** What the key was used for before. Throws Refusal `idempotency.body_differs` when that was another request. */
export async function readTaken(
  tx: ClientBase,
  { scope, key, bodyHash }: IdempotencyKey,
): Promise<Resource> {
  const { rows } = await tx.query<{ bodyHash: Buffer; kind: ResourceKind; id: string }>(
    `select body_hash as "bodyHash", thing_kind as kind, thing_id as id
     from idempotency_keys where scope = $1 and key = $2`,
    [scope, key],
  );
  const [first] = rows;
  if (first === undefined)
    throw new Error('an idempotency key disappeared while it was being read');
  if (!first.bodyHash.equals(bodyHash)) {
    throw new Refusal('idempotency.body_differs', 'this key was used for another request');
  }
  return { kind: first.kind, id: first.id };
}

import type { ClientBase } from 'pg';
import { Refusal } from '../domain/refusal.js';

/** The same key and body may be sent again: the first one opens, the others see what it opened. */
export interface IdempotencyKey {
  /** SHA-256 of who the key belongs to. */
  readonly scope: Buffer;
  readonly key: string;
  /** SHA-256 of what was asked. */
  readonly bodyHash: Buffer;
}

/** What a key was used for. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly id: string;
}

export type ResourceKind = 'action' | 'account' | 'tokens' | 'grant';

/**
 * Claims an idempotency key for a thing, in the transaction that opens or changes it. Undefined when the key is ours now; else
 * what the same request did before, and nothing must be done again. Of two at the same time, the second waits until the first has
 * committed. Throws Refusal `idempotency.body_differs` when the key was used for another request.
 */
export async function takeKey(
  tx: ClientBase,
  claim: IdempotencyKey,
  thing: Resource,
): Promise<Resource | undefined> {
  const { scope, key, bodyHash } = claim;
  const { rowCount } = await tx.query(
    `insert into idempotency_keys (scope, key, body_hash, thing_kind, thing_id)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [scope, key, bodyHash, thing.kind, thing.id],
  );
  return rowCount === 1 ? undefined : readTaken(tx, claim);
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
  if (first === undefined) throw new Error('an idempotency key vanished while it was being read');
  if (!first.bodyHash.equals(bodyHash)) {
    throw new Refusal('idempotency.body_differs', 'this key came with another request before');
  }
  return { kind: first.kind, id: first.id };
}

import { type ClientBase, DatabaseError } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { capabilityOf, hashOfCapability } from '../accounts/caller.js';
import { hashJson } from '../canonical-json.js';
import type { EngineContext } from '../context.js';
import type { Action } from './action.js';
import type { OpenAction } from './contract.js';

/**
 * The action that this very request opened before, by its idempotency key or the id of its choice: then nothing may be done again.
 * Throws Refusal `idempotency.body_differs` or `action.id_taken`.
 */
export async function findOpened(
  db: Pick<ClientBase, 'query'>,
  request: OpenAction,
  actor: string | null,
): Promise<string | undefined> {
  const { idempotencyKey, id } = request;
  if (idempotencyKey === undefined && id === undefined) return undefined;
  const { rows } = await db.query<{ by: 'key' | 'id'; id: string; hash: Buffer }>(
    `select 'key' as by, thing_id as id, body_hash as hash from idempotency_keys where scope = $1 and key = $2
     union all
     select 'id', id::text, request_hash from actions where id = $3`,
    [idempotencyKey?.scope, idempotencyKey?.key, id],
  );
  const byKey = rows.find(({ by }) => by === 'key');
  if (byKey !== undefined && idempotencyKey !== undefined) {
    if (byKey.hash.equals(idempotencyKey.bodyHash)) return byKey.id;
    throw new Refusal('idempotency.body_differs', 'this key was used for another request');
  }
  const byId = rows.find(({ by }) => by === 'id');
  if (byId === undefined) return undefined;
  if (byId.hash.equals(hashOf(request, actor))) return byId.id;
  throw new Refusal('action.id_taken', `action ${byId.id} was opened by another request`);
}

/** The rows of an action and its idempotency key. Fails where another request is opening it: see {@link openOnce}. */
export async function insertAction(
  engine: Pick<EngineContext, 'secret'>,
  tx: ClientBase,
  request: OpenAction,
  action: Action,
): Promise<void> {
  const { actor, id, type } = action;
  const { idempotencyKey } = request;
  const capabilityHash = actor === null ? hashOfCapability(capabilityOf(engine.secret, id)) : null;
  await tx.query(
    `with taken as (
       insert into idempotency_keys (scope, key, body_hash, thing_kind, thing_id)
       select $9::bytea, $10, $11, 'action', $1::uuid where $9 is not null)
     insert into actions (id, type, actor, capability_hash, args, args_version, request_hash, cost_msat, opened_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $12)`,
    [
      ...[id, type.name, actor, capabilityHash, action.args, type.version],
      ...[hashOf(request, actor), action.costMsat],
      ...[idempotencyKey?.scope, idempotencyKey?.key, idempotencyKey?.bodyHash],
      request.openedBy ?? 'http',
    ],
  );
}

/**
 * Opens what is asked for. Where the very same request was faster, at the same time, gives what that one has opened: it has taken the key,
 * or what it did is why this one is refused.
 */
export async function openOnce<T>(
  { pool }: Pick<EngineContext, 'pool'>,
  { request, actor }: { readonly request: OpenAction; readonly actor: string | null },
  open: () => Promise<T>,
  replay: (actionId: string) => T,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!isTaken(error) && !(error instanceof Refusal)) throw error;
    const actionId = await findOpened(pool, request, actor);
    if (actionId === undefined) throw error;
    return replay(actionId);
  }
}

/** Whether the id or the key of a request was taken while it was being opened. */
function isTaken(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    (error.constraint === 'actions_pkey' || error.constraint === 'idempotency_keys_pkey')
  );
}

/** SHA-256 of what was asked, and by whom. */
function hashOf(request: OpenAction, actor: string | null): Buffer {
  const { type, args, payment, invoiceExpirySeconds = null } = request;
  return hashJson([type, args, payment, invoiceExpirySeconds, actor]);
}

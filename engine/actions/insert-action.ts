import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { capabilityOf, hashOfCapability } from '../accounts/caller.js';
import { hashJson } from '../canonical-json.js';
import type { EngineContext } from '../context.js';
import { readTaken } from '../idempotency.js';
import type { ActionSubject } from './attempt-row.js';
import type { OpenAction } from './contract.js';

/**
 * Takes the idempotency key and the id for this request. Gives the action that this very request opened before, by either of them:
 * then nothing may be done again. Of two at the same time, the second waits here until the first has committed. Throws Refusal
 * `idempotency.body_differs` or `action.id_taken`.
 */
export async function insertAction(
  engine: EngineContext,
  tx: ClientBase,
  request: OpenAction,
  subject: ActionSubject,
): Promise<string | undefined> {
  const { actor, id } = subject;
  const { idempotencyKey } = request;
  const requestHash = hashOf(request, actor);
  const capabilityHash = actor === null ? hashOfCapability(capabilityOf(engine.secret, id)) : null;
  const { rows } = await tx.query<{ taken: boolean; inserted: boolean }>(
    `with taken as (
       insert into idempotency_keys (scope, key, body_hash, thing_kind, thing_id)
       select $8::bytea, $9, $10, 'action', $1::uuid where $8 is not null
       on conflict do nothing returning 1),
     inserted as (
       insert into actions (id, type, actor, capability_hash, args, request_hash, cost_msat)
       select $1, $2, $3, $4, $5, $6, $7 where $8 is null or exists (select from taken)
       on conflict (id) do nothing returning 1)
     select exists (select from taken) as taken, exists (select from inserted) as inserted`,
    [
      ...[id, subject.type, actor, capabilityHash, subject.bound.args, requestHash],
      ...[subject.costMsat, idempotencyKey?.scope, idempotencyKey?.key, idempotencyKey?.bodyHash],
    ],
  );
  if (rows[0]?.inserted === true) return undefined;
  if (idempotencyKey !== undefined && rows[0]?.taken !== true)
    return (await readTaken(tx, idempotencyKey)).id;
  return refuseUnlessSame(tx, id, requestHash);
}

/** SHA-256 of what was asked, and by whom. */
function hashOf(request: OpenAction, actor: string | null): Buffer {
  const { type, args, payment, invoiceExpirySeconds = null } = request;
  return hashJson([type, args, payment, invoiceExpirySeconds, actor]);
}

async function refuseUnlessSame(tx: ClientBase, id: string, requestHash: Buffer): Promise<string> {
  const { rows } = await tx.query<{ request_hash: Buffer }>(
    'select request_hash from actions where id = $1',
    [id],
  );
  if (rows[0]?.request_hash.equals(requestHash) === true) return id;
  throw new Refusal('action.id_taken', `action ${id} was opened by another request`);
}

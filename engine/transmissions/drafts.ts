import { createHash, randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import type { EngineContext } from '../context.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import { keepWithinBytes } from './unpaid-bytes.js';

/** A message that is kept for an order to come. */
export interface Draft {
  readonly id: string;
  readonly sizeBytes: number;
  /** SHA-256, hex. */
  readonly digest: string;
}

export interface StoreDraft {
  readonly message: Buffer;
  /** The account that sends it; null for the anonymous, who have an origin. */
  readonly owner: string | null;
  readonly origin?: Buffer;
  readonly idempotencyKey?: IdempotencyKey;
}

/** Keeps a message, for a day. Throws Refusal `transmission.too_many_unpaid`. */
export async function storeDraft(
  engine: EngineContext,
  { message, owner, origin, idempotencyKey }: StoreDraft,
): Promise<{ readonly draft: Draft; readonly replayed: boolean }> {
  const digest = createHash('sha256').update(message).digest('hex');
  const limited = owner === null ? origin : undefined;
  return keepWithinBytes(engine, limited, async (tx, check) => {
    const id = randomUUID();
    const sizeBytes = message.length;
    if (idempotencyKey !== undefined) {
      const taken = await takeKey(tx, idempotencyKey, { kind: 'draft', id });
      if (taken !== undefined)
        return { draft: { id: taken.id, sizeBytes, digest }, replayed: true };
    }
    await tx.query(
      'insert into order_drafts (id, body, digest, owner, origin) values ($1, $2, $3, $4, $5)',
      [id, message, digest, owner, limited ?? null],
    );
    await check();
    return { draft: { id, sizeBytes, digest }, replayed: false };
  });
}

/** Reads a draft without taking it. Throws Refusal `transmission.draft_not_found`. */
export async function readDraft(db: Pick<ClientBase, 'query'>, draftId: string): Promise<Buffer> {
  const { rows } = await db.query<{ body: Buffer }>('select body from order_drafts where id = $1', [
    draftId,
  ]);
  const body = rows[0]?.body;
  if (body === undefined) throw draftNotFound(draftId);
  return body;
}

/** An order takes the bytes of a draft: it is used once. Throws Refusal `transmission.draft_not_found`. */
export async function takeDraft(tx: ClientBase, draftId: string): Promise<void> {
  const { rowCount } = await tx.query('delete from order_drafts where id = $1', [draftId]);
  if (rowCount !== 1) throw draftNotFound(draftId);
}

function draftNotFound(draftId: string): Refusal {
  return new Refusal(
    'transmission.draft_not_found',
    `there is no draft ${draftId}, or it was used`,
  );
}

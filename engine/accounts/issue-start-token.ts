import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import { signStartToken, type StartGrant } from './start-token.js';

export interface StartTokenRequest extends Omit<StartGrant, 'actionId' | 'expiresAt'> {
  readonly validSeconds: number;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface StartToken {
  readonly token: string;
  readonly actionId: string;
  readonly expiresAt: Date;
  /** The same request was made before: the same action's id, valid anew. */
  readonly replayed: boolean;
}

/** A token for a workflow that opens an action, whose id is chosen here. It expires by the database's clock. */
export async function issueStartToken(
  engine: { readonly pool: Pool; readonly secret: string },
  { validSeconds, idempotencyKey, ...bounds }: StartTokenRequest,
): Promise<StartToken> {
  const id = randomUUID();
  const { first, expiresAt } = await inTransaction(engine.pool, async (tx) => {
    const taken =
      idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'start_token', id }));
    const { rows } = await tx.query<{ expiresAt: Date }>(
      `select date_trunc('milliseconds', clock_timestamp()) + $1 * interval '1 second' as "expiresAt"`,
      [validSeconds],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the database has no time');
    return { first: taken, expiresAt: row.expiresAt };
  });
  const actionId = first?.id ?? id;
  const token = signStartToken(engine.secret, { ...bounds, actionId, expiresAt });
  return { token, actionId, expiresAt, replayed: first !== undefined };
}

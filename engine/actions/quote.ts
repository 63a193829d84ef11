import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { type Msat, toMsat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import type { Caller } from '../accounts/caller.js';
import type { Action } from './action.js';
import { parseRequest } from './types/index.js';
import type { Quote } from './types/paid-action-type.js';

/** What it costs, where it is possible now. */
export async function quote(tx: ClientBase, action: Action): Promise<Quote> {
  const context = { actionId: action.id, actor: action.actor, args: action.args };
  const quoted = action.type.quote(tx, context);
  const [, result] = await pipeline([
    action.type.validate?.(tx, context) ?? Promise.resolve(),
    quoted,
  ]);
  return result;
}

export interface Asked {
  readonly type: string;
  readonly args: unknown;
  readonly caller: Caller;
}

/** What an action would cost its caller now, in msat. Opens and changes nothing. Throws Refusal as opening it would. */
export async function quoteAction(
  pool: Pool,
  { type: name, args: given, caller }: Asked,
): Promise<Msat> {
  const { type, args } = parseRequest(name, given);
  const actor = caller.kind === 'account' ? caller.id : null;
  if (actor === null && !type.anonymous) {
    throw new Refusal('action.login_required', `${type.name} needs an account`);
  }
  const tx = await pool.connect();
  try {
    await tx.query('begin');
    const action = { id: randomUUID(), type, actor, args, costMsat: toMsat(0n) };
    return (await quote(tx, action)).costMsat;
  } finally {
    const failed = await tx.query('rollback').then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    tx.release(failed);
  }
}

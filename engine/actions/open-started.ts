import { Refusal } from '../../domain/refusal.js';
import { findAccount } from '../accounts/accounts.js';
import type { Caller } from '../accounts/caller.js';
import { readStartToken, type StartGrant } from '../accounts/start-token.js';
import { type EngineContext, secretsOf } from '../context.js';
import type { OpenAction, Opened } from './contract.js';
import { openAction } from './open.js';

/** What the starter of a workflow asks for. */
export interface StartedAction extends Pick<
  OpenAction,
  'type' | 'args' | 'payment' | 'invoiceExpirySeconds'
> {
  readonly id: string;
  /** An account's name; left out for the anonymous, or for whom the token is. */
  readonly actor?: string;
  readonly startToken?: string;
}

/**
 * Opens an action for whoever started its workflow, by a start token, or without one where starts are trusted. Throws Refusal, with
 * nothing changed.
 */
export async function openStarted(
  engine: EngineContext,
  { actor, startToken, ...request }: StartedAction,
  trustsStarts: boolean,
): Promise<Opened> {
  if (startToken === undefined) {
    if (!trustsStarts) {
      throw new Refusal('start.token_missing', 'starting an action takes a start token');
    }
    const caller = await callerNamed(engine, actor ?? null);
    return openAction(engine, { ...request, caller, openedBy: 'trusted_start' });
  }
  const grant = secretsOf(engine)
    .map((secret) => readStartToken(secret, startToken))
    .find((read) => read !== undefined);
  if (grant === undefined) throw new Refusal('start.token_forged', 'it is no start token of ours');
  refuseOther(grant, { ...request, actor: actor ?? grant.actor });
  await refuseExpired(engine, grant);
  return openAction(engine, {
    ...request,
    caller: await callerNamed(engine, grant.actor),
    ...(grant.origin === null ? {} : { origin: grant.origin }),
    maxCostMsat: grant.maxCostMsat,
    openedBy: 'start_token',
  });
}

/** The name of the account whose action it is; undefined for the anonymous. */
export async function readActorName(
  pool: EngineContext['pool'],
  actionId: string,
): Promise<string | undefined> {
  const { rows } = await pool.query<{ name: string }>(
    'select name from accounts where id = (select actor from actions where id = $1)',
    [actionId],
  );
  return rows[0]?.name;
}

function refuseOther(
  grant: StartGrant,
  request: Pick<StartedAction, 'id' | 'type'> & { readonly actor: string | null },
): void {
  if (request.id !== grant.actionId) {
    throw new Refusal('start.other_action', 'the start token is for another action');
  }
  if (request.type !== grant.type) {
    throw new Refusal('start.other_type', `the start token is for ${grant.type}`);
  }
  if (request.actor !== grant.actor) {
    throw new Refusal('start.other_account', 'the start token is for another account');
  }
}

async function refuseExpired({ pool }: EngineContext, { expiresAt }: StartGrant): Promise<void> {
  const { rowCount } = await pool.query('select where $1::timestamptz <= clock_timestamp()', [
    expiresAt,
  ]);
  if (rowCount === 0) return;
  throw new Refusal('start.token_expired', `the start token expired at ${expiresAt.toISOString()}`);
}

async function callerNamed({ pool }: EngineContext, name: string | null): Promise<Caller> {
  if (name === null) return { kind: 'anonymous' };
  return { kind: 'account', ...(await findAccount(pool, name)) };
}

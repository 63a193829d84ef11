import { findAccountNamed } from '../accounts/accounts.js';
import { findInvite } from '../accounts/invites.js';
import type { EngineContext } from '../context.js';
import type { IdempotencyKey } from '../idempotency.js';
import type { Opened } from './contract.js';
import { openAction } from './open.js';
import { inviteGift } from './types/invite-gift.js';

export interface RedeemInvite {
  readonly code: string;
  /** Account id of whoever has joined. */
  readonly invitee: string;
  readonly idempotencyKey?: IdempotencyKey;
}

/**
 * The gift of an invitation, paid from the balance of whoever has made it, never by an invoice. Throws Refusal `invite.not_found`,
 * `invite.not_usable`, `invite.not_new`, or `action.insufficient_credits` where the inviter has spent what was promised.
 */
export async function redeemInvite(
  engine: EngineContext,
  { code, invitee, idempotencyKey }: RedeemInvite,
): Promise<Opened> {
  const { owner } = await findInvite(engine.pool, code);
  const inviter = await findAccountNamed(engine.pool, owner);
  return openAction(engine, {
    ...{ type: inviteGift.name, args: { code, invitee }, payment: 'credits', door: true },
    caller: { kind: 'account', ...inviter },
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
}

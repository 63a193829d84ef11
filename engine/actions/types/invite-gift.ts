import { z } from 'zod';
import { Refusal } from '../../../domain/refusal.js';
import { findInvite } from '../../accounts/invites.js';
import { tellOnce } from '../../notices/tell.js';
import type { PaidActionType } from './paid-action-type.js';

const args = z.strictObject({ code: z.string(), invitee: z.guid() });
type Args = z.infer<typeof args>;

/** How old an account may be that an invitation brings. */
const NEW_FOR = '1 hour';

/** Credits of whoever invites for the account that has joined, and the attribution. Opened by the invitee's redeeming of the code. */
export const inviteGift: PaidActionType<Args> = {
  name: 'INVITE_GIFT',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: ['credits', 'sats'],
  policy: { retry: false },
  tables: ['invite_gifts'],

  async quote(db, { args: { code, invitee } }) {
    const { giftMsat } = await findInvite(db, code);
    const holder = { accountId: invitee };
    return {
      costMsat: giftMsat,
      shares: [{ kind: 'INVITE_GIFT', asset: 'CREDITS', holder, amountMsat: giftMsat }],
    };
  },

  // The limits are in the statements: of many that redeem at once no more pass than the invitation has.
  async perform(tx, { actionId, actor, args: { code, invitee } }) {
    const used = await tx.query(
      `update invites set gifts = gifts + 1
       where code = $1 and owner = $2 and owner <> $3 and revoked_at is null
         and (expires_at is null or expires_at > clock_timestamp())
         and (most_gifts is null or gifts < most_gifts)`,
      [code, actor, invitee],
    );
    if (used.rowCount !== 1) {
      throw new Refusal('invite.not_usable', `the invitation ${code} cannot be used any more`);
    }
    const referred = await tx.query(
      `update accounts set referrer = $2
       where id = $1 and referrer is null and created_at > clock_timestamp() - interval '${NEW_FOR}'`,
      [invitee, actor],
    );
    if (referred.rowCount !== 1) {
      throw new Refusal('invite.not_new', 'only an account of the last hour can be invited, once');
    }
    await tx.query(
      `insert into invite_gifts (action_id, code, invitee, state) values ($1, $2, $3, 'PENDING')`,
      [actionId, code, invitee],
    );
  },

  async afterPaid(tx, { actionId, actor, args: { code, invitee } }) {
    if (actor === null) return;
    await tellOnce(tx, [
      {
        ...{ account: actor, kind: 'INVITE', key: `invite/${actionId}`, actionId },
        ...{ by: invitee, detail: { code } },
      },
    ]);
  },

  describe: () => 'gift to somebody who was invited',
};

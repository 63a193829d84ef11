import { z } from 'zod';
import { addMsat, type Msat, satsToMsat, subtractMsat, toMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { type Bounty, findBounty } from '../../items/bounty.js';
import { readReceived } from '../../notices/received.js';
import { tellOnce } from '../../notices/tell.js';
import type { PaidActionType, Queryable } from './paid-action-type.js';

/** Added to the bounty for routing, rounded up to whole sats. */
const FEE_PERCENT = 3n;

/** The comment whose author gets the bounty of its post. */
const args = z.strictObject({
  itemId: z.string().regex(/^[1-9][0-9]{0,17}$/, 'must be the id of a comment'),
});
type Args = z.infer<typeof args>;

type Offered = Omit<Bounty, 'bountyMsat'> & { readonly payee: string; readonly bountyMsat: Msat };

/** Throws Refusal where there is nothing that this actor may pay. */
async function readOffered(db: Queryable, actor: string | null, itemId: string): Promise<Offered> {
  const found = await findBounty(db, itemId);
  if (found?.visible !== true) {
    throw new Refusal('item.not_found', `there is no comment ${itemId} that you may see`);
  }
  const { op, payee, bountyMsat } = found;
  if (bountyMsat === null) throw new Refusal('bounty.none', 'the post offers no bounty');
  if (op === null || op !== actor) {
    throw new Refusal('bounty.not_yours', 'only the author of the post pays its bounty');
  }
  if (payee === null || payee === op) {
    throw new Refusal('bounty.no_payee', 'the comment has no other account as its author');
  }
  return { ...found, payee, bountyMsat: toMsat(bountyMsat) };
}

function costOf(bountyMsat: Msat): Msat {
  const feeSats = (bountyMsat * FEE_PERCENT + 99_999n) / 100_000n;
  return addMsat(bountyMsat, satsToMsat(feeSats));
}

/** The bounty of a post for the author of a comment: to a wallet of theirs, never by or to a balance. */
export const bountyPayment: PaidActionType<Args> = {
  name: 'BOUNTY_PAYMENT',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: ['p2p'],
  policy: { automaticRetry: true },
  tables: ['bounty_payments'],

  async quote(db, { actor, args: { itemId } }) {
    const { payee, bountyMsat: amountMsat } = await readOffered(db, actor, itemId);
    const holder = { accountId: payee };
    return {
      costMsat: costOf(amountMsat),
      shares: [{ kind: 'BOUNTY', asset: 'CREDITS', holder, amountMsat, toWallet: true }],
    };
  },

  forwardFeeMsat: (payeeMsat, costMsat) => subtractMsat(costMsat, payeeMsat),

  keys(_db, { args: { itemId } }) {
    const detail = 'the bounty was paid to this comment, or is being paid';
    return Promise.resolve([{ key: `bounty/${itemId}`, taken: { code: 'bounty.paid', detail } }]);
  },
  keysFrom: 'performed',

  async validate(tx, { actor, args: { itemId } }) {
    await readOffered(tx, actor, itemId);
  },

  async perform(tx, action) {
    const { actionId, actor, args: asked, costMsat } = action;
    const { rootId, payee, bountyMsat } = await readOffered(tx, actor, asked.itemId);
    if (costOf(bountyMsat) !== costMsat) {
      throw new Refusal('bounty.none', 'the bounty is another one by now');
    }
    await tx.query(
      `insert into bounty_payments (action_id, root_id, item_id, payee, amount_msat, state)
       values ($1, $2, $3, $4, $5, 'PENDING')`,
      [actionId, rootId, asked.itemId, payee, bountyMsat],
    );
  },

  async afterPaid(tx, { actionId, actor, args: { itemId } }) {
    const received = await readReceived(tx, actionId, ['BOUNTY']);
    await tellOnce(
      tx,
      received.map(({ account, amountMsat }) => ({
        ...{ account, kind: 'BOUNTY', key: `bounty/${itemId}`, itemId, actionId },
        ...{ amountMsat, by: actor },
      })),
    );
  },

  result: `(select jsonb_build_object('itemId', item_id::text) from bounty_payments where action_id = s.id)`,

  describe: () => 'bounty',
};

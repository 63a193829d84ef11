import { z } from 'zod';
import { POLL_COST_SATS } from '../../../domain/items/limits.js';
import { satsToMsat, toMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { findItem, findOpenItem } from '../../items/find-item.js';
import { tellMore } from '../../notices/tell.js';
import { territoryCosts } from '../../territories/costs.js';
import { itemId } from './items/post-fields.js';
import { equally, territoryShares } from './items/territory-shares.js';
import type { PaidActionType, Queryable } from './paid-action-type.js';

const args = z
  .strictObject({ itemId, optionId: itemId })
  .meta({ examples: [{ itemId: '12', optionId: '3' }] });
type Args = z.infer<typeof args>;

/** A vote in a poll: one of each account. Once it is paid, nothing says any more what the account has voted. */
export const pollVote: PaidActionType<Args> = {
  name: 'POLL_VOTE',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: ['credits', 'sats', 'optimistic', 'pessimistic'],
  tables: ['poll_ballots', 'poll_votes'],

  async quote(db, { args: { itemId: id } }) {
    const item = await findItem(db, id);
    const costMsat = toMsat(item?.pollCostMsat ?? satsToMsat(POLL_COST_SATS));
    const territories = await territoryCosts(db, item?.territories ?? []);
    return { costMsat, shares: territoryShares(costMsat, territories, equally) };
  },

  keys: (_db, { actor, args: { itemId: id } }) =>
    Promise.resolve([
      {
        key: `vote/${id}/${actor ?? ''}`,
        taken: { code: 'poll.voted', detail: 'you have voted, or are about to pay for your vote' },
      },
    ]),

  async validate(db, { actor, args: { itemId: id, optionId } }) {
    const item = await findOpenItem(db, id, actor);
    if (item.pollEnded) throw pollOver();
    await refuseOtherOption(db, id, optionId);
  },

  async perform(tx, { actionId, actor, args: { itemId: id, optionId } }) {
    await tx.query(
      `with ballot as (
         insert into poll_ballots (action_id, item_id, account_id, state) values ($1, $2, $3, 'PENDING'))
       insert into poll_votes (action_id, option_id, state) values ($1, $4, 'PENDING')`,
      [actionId, id, actor, optionId],
    );
  },

  /** A poll that is over, or gone, counts nothing more: its voter gets the money back. */
  async onPaid(tx, actions) {
    const ids = actions.map(({ actionId }) => actionId);
    const { rowCount } = await tx.query(
      `select i.id from items i where i.id = any($1::bigint[]) and i.state = 'PAID' and i.deleted_at is null
         and (i.poll_ends_at is null or i.poll_ends_at > clock_timestamp())
       order by i.id for key share`,
      [actions.map(({ args: { itemId: id } }) => id)],
    );
    if (rowCount !== new Set(actions.map(({ args: { itemId: id } }) => id)).size) throw pollOver();
    await tx.query(
      `with unlinked as (update poll_votes set action_id = null where action_id = any($1::uuid[]))
       update actions set args = args - 'optionId' where id = any($1::uuid[])`,
      [ids],
    );
  },

  /** Its author learns that there are more votes, not whose. */
  async afterPaid(tx, { actor, args: { itemId: id } }) {
    const author = (await findItem(tx, id))?.author ?? null;
    if (author === null || author === actor) return;
    await tellMore(tx, [
      { account: author, kind: 'POLL_VOTE', key: `poll-votes/${id}`, itemId: id },
    ]);
  },

  result: `(select jsonb_build_object('itemId', item_id::text) from poll_ballots where action_id = s.id)`,

  describe: () => 'poll vote',
};

function pollOver(): Refusal {
  return new Refusal('poll.over', 'the poll is over');
}

async function refuseOtherOption(db: Queryable, id: string, optionId: string): Promise<void> {
  const { rowCount } = await db.query('select from poll_options where id = $2 and item_id = $1', [
    id,
    optionId,
  ]);
  if (rowCount !== 1) throw new Refusal('poll.no_option', `item ${id} has no option ${optionId}`);
}

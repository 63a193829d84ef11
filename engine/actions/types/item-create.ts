import { z } from 'zod';
import { percentOf, satsToMsat } from '../../../domain/money.js';
import type { PaidActionType } from './paid-action-type.js';
import { lineOfText, storedText } from './stored-text.js';

const BASE_COST = satsToMsat(1n);
/** Posting without an account costs this much more: it deters spam. */
const ANONYMOUS_PERCENT = 1000n;

const args = z.strictObject({
  title: lineOfText(5, 80),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  text: storedText.max(100_000).default(''),
});
type Args = z.infer<typeof args>;

/** A post: its author sees it at once, others when it is paid. */
export const itemCreate: PaidActionType<Args> = {
  name: 'ITEM_CREATE',
  version: 1,
  args,
  anonymous: true,
  paymentMethods: ['credits', 'sats', 'optimistic', 'pessimistic'],
  tables: ['items'],

  quote: (_db, { actor }) =>
    Promise.resolve({
      costMsat: actor === null ? percentOf(BASE_COST, ANONYMOUS_PERCENT) : BASE_COST,
    }),

  async perform(tx, { actionId, actor, args: { title, url, text } }) {
    await tx.query(
      `insert into items (action_id, author, title, url, text, state) values ($1, $2, $3, $4, $5, 'PENDING')`,
      [actionId, actor, title, url ?? null, text],
    );
  },

  result: `(select jsonb_build_object('itemId', id::text) from items where action_id = s.id)`,

  describe: () => 'post',
};

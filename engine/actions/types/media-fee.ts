import { z } from 'zod';
import type { Msat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { uploadsIn } from '../../../domain/uploads.js';
import { ownUploads, readMediaFee } from '../../uploads/media-fee.js';
import type { Child, PaidActionType, Queryable, Share } from './paid-action-type.js';

/** Files of one text. */
const MOST_SHOWN = 100;

const args = z.strictObject({ uploads: z.array(z.guid()).min(1).max(MOST_SHOWN) });
type Args = z.infer<typeof args>;

/** The files that an action shows: paid, shown to others and undone with it. Always a child. */
export const mediaFee: PaidActionType<Args> = {
  name: 'MEDIA_FEE',
  version: 1,
  args,
  anonymous: true,
  paymentMethods: ['credits', 'sats', 'pessimistic'],
  tables: ['upload_uses'],

  quote: () => Promise.reject(new Error('a media fee is a child of another action')),

  async validate(tx, { actor, args: { uploads } }) {
    await ownUploads(tx, { actor, uploads });
  },

  async perform(tx, { actionId, args: { uploads } }) {
    await tx.query(
      `insert into upload_uses (action_id, upload, state) select $1, unnest($2::uuid[]), 'PENDING'`,
      [actionId, uploads],
    );
  },

  async onPaid(tx, actions) {
    await tx.query(
      `update uploads u set paid_at = clock_timestamp(), origin = null
       from (
         select id from uploads where id = any($1::uuid[]) and paid_at is null order by id for no key update) l
       where u.id = l.id`,
      [actions.flatMap(({ args: { uploads } }) => uploads)],
    );
  },

  describe: ({ uploads }) => `${uploads.length} files`,
};

/**
 * The child for the own files that a text shows, to be added to the quote of whatever has it: its cost is part of that one's cost. Empty
 * where it shows none. Throws Refusal `upload.not_found`, `upload.too_many`.
 */
export async function mediaFeeFor(
  db: Queryable,
  { actor, text }: { readonly actor: string | null; readonly text: string },
  sharesOf: (feeMsat: Msat) => readonly Share[] = () => [],
): Promise<readonly Child[]> {
  const shown = uploadsIn(text);
  if (shown.length === 0) return [];
  if (shown.length > MOST_SHOWN) {
    throw new Refusal('upload.too_many', `a text shows at most ${MOST_SHOWN} files`);
  }
  const uploads = await ownUploads(db, { actor, uploads: shown });
  if (uploads.length === 0) return [];
  const costMsat = await readMediaFee(db, { actor, uploads });
  return [{ type: mediaFee.name, args: { uploads }, costMsat, shares: sharesOf(costMsat) }];
}

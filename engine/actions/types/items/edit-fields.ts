import { z } from 'zod';
import { POLL_OPTIONS } from '../../../../domain/items/limits.js';
import { Refusal } from '../../../../domain/refusal.js';
import type { ItemKindName } from '../../../items/find-item.js';
import { bountySats } from './bounty.js';
import { commentText } from './comment.js';
import { jobFields } from './job.js';
import { pollOption } from './poll.js';
import {
  boostSats,
  distinct,
  forwards,
  itemId,
  postText,
  territories,
  title,
  url,
} from './post-fields.js';

/** What is left out stays as it is. */
export const editArgs = z
  .strictObject({
    itemId,
    title: title.optional(),
    text: postText.optional(),
    url: url.optional(),
    territories: territories.optional(),
    forwards: forwards.optional(),
    /** All of its boost then: never less than it is. */
    boostSats: boostSats.optional(),
    addOptions: z
      .array(pollOption)
      .min(1)
      .max(POLL_OPTIONS.max - POLL_OPTIONS.min)
      .refine(distinct, 'must have each option once')
      .optional(),
    bountySats: bountySats.optional(),
    company: jobFields.company.optional(),
    location: jobFields.location.or(z.literal('')).optional(),
    remote: jobFields.remote.optional(),
    /** Stopped, a job is seen by its author only. */
    stopped: z.boolean().optional(),
  })
  .meta({ examples: [{ itemId: '12', text: 'Another text', boostSats: 100 }] });
export type EditArgs = z.output<typeof editArgs>;
type EditField = Exclude<keyof EditArgs, 'itemId'>;

const POST: readonly EditField[] = ['title', 'text', 'territories', 'forwards', 'boostSats'];
const FIELDS: Readonly<Record<ItemKindName, readonly EditField[]>> = {
  link: [...POST, 'url'],
  discussion: POST,
  poll: [...POST, 'addOptions'],
  bounty: [...POST, 'bountySats'],
  job: [...POST, 'url', 'company', 'location', 'remote', 'stopped'],
  comment: ['text'],
  bio: ['text'],
};

/** Throws Refusal `item.not_possible` where a kind has no such field, or `action.invalid_args` for the text of a comment. */
export function refuseFieldsOfOthers(kind: ItemKindName, edit: EditArgs): void {
  const allowed: ReadonlySet<string> = new Set(['itemId', ...FIELDS[kind]]);
  const bad = Object.keys(edit).find((field) => !allowed.has(field));
  if (bad !== undefined) throw new Refusal('item.not_possible', `a ${kind} has no ${bad} to edit`);
  if (kind !== 'comment' && kind !== 'bio') return;
  const text = commentText.safeParse(edit.text);
  if (text.success) return;
  const message = text.error.issues[0]?.message ?? 'is not valid';
  throw new Refusal('action.invalid_args', `args.text: ${message}`, [
    { path: 'args.text', message },
  ]);
}

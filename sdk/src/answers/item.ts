import { z } from 'zod';
import { id, msatText, nextCursor, rowId, time } from './values.js';

const poll = z
  .object({
    endsAt: time.nullable(),
    options: z.array(z.object({ id: rowId, text: z.string(), votes: z.int().min(0) })),
  })
  .meta({ id: 'Poll' });

const job = z
  .object({ company: z.string(), location: z.string(), remote: z.boolean() })
  .meta({ id: 'Job' });

const item = {
  id: rowId,
  actionId: id,
  kind: z.enum(['link', 'discussion', 'poll', 'bounty', 'job', 'comment', 'bio']),
  author: z
    .string()
    .nullable()
    .meta({ description: 'Account name; null when anonymous.', examples: ['alice'] }),
  parentId: rowId.nullable().meta({ description: 'Of a comment: what it answers.' }),
  rootId: rowId.nullable().meta({ description: 'Of a comment: the post above.' }),
  title: z
    .string()
    .nullable()
    .meta({ description: 'Null for a comment.', examples: ['A title of a post'] }),
  url: z.string().nullable(),
  text: z.string().meta({ examples: ['And its text'] }),
  territories: z.array(z.string()).meta({ examples: [['bitcoin']] }),
  state: z.enum(['PENDING', 'PAID', 'FAILED']),
  createdAt: time,
  paidAt: time.nullable(),
  editedAt: time.nullable(),
  deletedAt: time.nullable().meta({ description: 'Blanked by its author.' }),
  stoppedAt: time.nullable().meta({ description: 'Of a job: seen by its author only since then.' }),
  freebie: z.boolean().meta({ description: 'It cost nothing.' }),
  zaps: z.int().min(0),
  zappedMsat: msatText,
  boostMsat: msatText,
  comments: z.int().min(0).meta({ description: 'Paid ones, however far below.' }),
  bountyMsat: msatText.nullable(),
  job: job.nullable(),
  poll: poll.nullable(),
  ownZappedMsat: msatText.meta({ description: 'Of the caller; what is not paid yet too.' }),
};

export const itemAnswer = z.object(item).meta({ id: 'Item' });

export const itemPageAnswer = z
  .object({ items: z.array(itemAnswer), nextCursor })
  .meta({ id: 'ItemPage' });

/** A comment with those below it. */
export interface Comment extends z.output<typeof itemAnswer> {
  readonly replies: Comment[];
  readonly more: boolean;
}

export const commentAnswer: z.ZodType<Comment> = z
  .object({
    ...item,
    more: z.boolean().meta({ description: 'There are replies that are not shown here.' }),
    get replies() {
      return z.array(commentAnswer);
    },
  })
  .meta({ id: 'Comment' });

export const commentPageAnswer = z
  .object({ comments: z.array(commentAnswer), nextCursor })
  .meta({ id: 'CommentPage' });

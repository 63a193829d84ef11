import { z } from 'zod';
import { bio } from './bio.js';
import { bounty } from './bounty.js';
import { comment } from './comment.js';
import { discussion } from './discussion.js';
import type { NewItem } from './item-kind.js';
import { job } from './job.js';
import { link } from './link.js';
import { poll } from './poll.js';

const anyKind = z.discriminatedUnion('kind', [
  link.args,
  discussion.args,
  poll.args,
  bounty.args,
  job.args,
  comment.args,
  bio.args,
]);
export type ItemArgs = z.output<typeof anyKind>;

/** A post without a kind is a link if it has an address, else a discussion. */
export const itemArgs: z.ZodType<ItemArgs> = z
  .preprocess((given) => {
    if (typeof given !== 'object' || given === null || 'kind' in given) return given;
    return { ...given, kind: 'url' in given ? 'link' : 'discussion' };
  }, anyKind)
  .meta({
    examples: [
      { kind: 'link', title: 'A title of a post', url: 'https://example.com' },
      { kind: 'poll', title: 'Which one?', options: ['this', 'that'] },
      { kind: 'comment', parentId: '12', text: 'A reply' },
    ],
  });

const version1 = z.object({ title: z.string(), url: z.string().optional(), text: z.string() });

/** Version 1 had posts only, and did not name their kind. What was stored is not checked again. */
export function fromVersion1(stored: unknown): ItemArgs {
  const { url, ...post } = version1.parse(stored);
  const fields = { ...post, territories: [], boostSats: 0, forwards: [] };
  return url === undefined ? { kind: 'discussion', ...fields } : { kind: 'link', url, ...fields };
}

export function toItem(args: ItemArgs): NewItem {
  switch (args.kind) {
    case 'link':
      return link.toItem(args);
    case 'discussion':
      return discussion.toItem(args);
    case 'poll':
      return poll.toItem(args);
    case 'bounty':
      return bounty.toItem(args);
    case 'job':
      return job.toItem(args);
    case 'comment':
      return comment.toItem(args);
    case 'bio':
      return bio.toItem(args);
  }
}

import { commentPageAnswer } from '@quittance/sdk/answers';
import { readItem } from '../../../../engine/items/read-items.js';
import { type CommentNode, readComments } from '../../../../engine/items/read-comments.js';
import { Refusal } from '../../../../domain/refusal.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { presentComment } from '../present-item.js';
import { commentQuery, itemParams } from '../wire/item.js';
import { pageOf } from '../wire/page.js';
import { positionIn, viewerOf, wrongCursor } from './items.js';

/** Replies of each comment, and levels: what is further is read below its comment. */
const SHOWN = { replies: 10, depth: 5 } as const;

export function addCommentRoutes(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/items/:id/comments',
    {
      config: { access: 'anyone', refusals: ['item.not_found'] },
      schema: {
        tags: ['items'],
        summary: 'Read the comments below an item, as a tree',
        description: `Paid ones, and the caller’s own unpaid ones in their places. A page has \`limit\` comments directly below the item, of each at most ${SHOWN.replies} replies, and ${SHOWN.depth} levels; where there are \`more\`, read the comments below that one.`,
        params: itemParams,
        querystring: commentQuery,
        response: { 200: commentPageAnswer },
      },
    },
    async (request) => {
      const { sort, cursor, limit } = request.query;
      if (cursor !== undefined && cursor[0] !== sort) throw wrongCursor();
      const id = BigInt(request.params.id);
      if ((await readItem(pool, id, request.caller)) === undefined) {
        throw new Refusal('item.not_found', `there is no item ${id} that you may see`);
      }
      const before = cursor && { key: cursor[1], id: cursor[2] };
      const size = { ...SHOWN, limit: limit + 1 };
      const nodes = await readComments(pool, id, viewerOf(request), sort, before, size);
      const position = ({ item, sortKey }: CommentNode): string[] =>
        positionIn(sort)({ id: item.id, sortKey });
      const page = pageOf(nodes, limit, position, presentComment);
      return { comments: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

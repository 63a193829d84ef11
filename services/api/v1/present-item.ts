import type { Comment, itemAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import type { ItemView } from '../../../engine/items/item-view.js';
import type { CommentNode } from '../../../engine/items/read-comments.js';
import { toTime, toTimeOrNull } from './wire/values.js';

export type ItemAnswer = z.output<typeof itemAnswer>;

export function presentItem(item: ItemView): ItemAnswer {
  const { kind, actionId, author, title, url, text, state, freebie, zaps, comments, job } = item;
  return {
    ...{ id: item.id.toString(), actionId, kind, author, title, url, text, state },
    parentId: item.parentId?.toString() ?? null,
    rootId: item.rootId?.toString() ?? null,
    territories: [...item.territories],
    createdAt: toTime(item.createdAt),
    paidAt: toTimeOrNull(item.paidAt),
    editedAt: toTimeOrNull(item.editedAt),
    deletedAt: toTimeOrNull(item.deletedAt),
    stoppedAt: toTimeOrNull(item.stoppedAt),
    ...{ freebie, zaps, comments, job },
    zappedMsat: item.zappedMsat.toString(),
    boostMsat: item.boostMsat.toString(),
    bountyMsat: item.bountyMsat?.toString() ?? null,
    poll: item.poll === null ? null : { ...item.poll, options: [...item.poll.options] },
    ownZappedMsat: item.ownZappedMsat.toString(),
  };
}

export function presentComment({ item, replies, more }: CommentNode): Comment {
  return { ...presentItem(item), replies: replies.map(presentComment), more };
}

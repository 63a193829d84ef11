import type { ClientBase } from 'pg';
import { z } from 'zod';

/** A comment whose author may be paid a bounty, and the post that offers it. */
export interface Bounty {
  readonly rootId: string;
  /** Account ids; null for somebody without an account. */
  readonly op: string | null;
  readonly payee: string | null;
  /** Null where the post offers none. */
  readonly bountySats: number | null;
  /** Whether both are paid and there. */
  readonly visible: boolean;
}

const itemRow = z.object({
  author: z.string().nullable(),
  state: z.string(),
  root_id: z.union([z.string(), z.number()]).nullish(),
  bounty_sats: z.number().nullish(),
  deleted_at: z.string().nullish(),
});

/** Undefined where there is no such item, or it is no comment. The one place that knows how items keep bounties. */
export async function findBounty(
  db: Pick<ClientBase, 'query'>,
  commentId: string,
): Promise<Bounty | undefined> {
  const comment = await readItem(db, commentId);
  const rootId = comment?.root_id ?? null;
  if (comment === undefined || rootId === null) return undefined;
  const root = await readItem(db, String(rootId));
  if (root === undefined) return undefined;
  const isThere = ({ state, deleted_at: deletedAt = null }: z.output<typeof itemRow>): boolean =>
    state === 'PAID' && deletedAt === null;
  return {
    ...{ rootId: String(rootId), op: root.author, payee: comment.author },
    ...{ bountySats: root.bounty_sats ?? null, visible: isThere(root) && isThere(comment) },
  };
}

async function readItem(
  db: Pick<ClientBase, 'query'>,
  id: string,
): Promise<z.output<typeof itemRow> | undefined> {
  const { rows } = await db.query<{ item: unknown }>(
    'select to_jsonb(i) as item from items i where id = $1',
    [id],
  );
  return rows[0] && itemRow.parse(rows[0].item);
}

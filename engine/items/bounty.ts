import type { ClientBase } from 'pg';

/** A comment whose author may be paid a bounty, and the post that offers it. */
export interface Bounty {
  readonly rootId: bigint;
  /** Account ids; null for somebody without an account. */
  readonly op: string | null;
  readonly payee: string | null;
  /** Null where the post offers none. */
  readonly bountyMsat: bigint | null;
  /** Whether both are paid and there. */
  readonly visible: boolean;
}

/** Undefined where there is no such item, or it is no comment. */
export async function findBounty(
  db: Pick<ClientBase, 'query'>,
  commentId: string,
): Promise<Bounty | undefined> {
  const { rows } = await db.query<Bounty>(
    `select p.id as "rootId", p.author as op, c.author as payee, p.bounty_msat as "bountyMsat",
       p.state = 'PAID' and p.deleted_at is null and c.state = 'PAID' and c.deleted_at is null as visible
     from items c join items p on p.id = c.path[1] where c.id = $1`,
    [commentId],
  );
  return rows[0];
}

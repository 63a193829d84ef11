import type { ClientBase } from 'pg';
import { type Msat, satsToMsat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import type { ItemKindName } from '../items/find-item.js';

/** What items of a territory cost, and what of that is its founder's. */
export interface TerritoryTerms {
  /** In lower case. */
  readonly name: string;
  /** Of a post, in msat. */
  readonly baseMsat: Msat;
  /** Of a reply, in msat. */
  readonly replyMsat: Msat;
  /** Account id; null where nobody founded it. */
  readonly founder: string | null;
  /** Of what is paid there, the founder's share in percent. */
  readonly founderPercent: bigint;
  /** Kinds of posts that it takes, in upper case; null: all. */
  readonly postTypes: readonly string[] | null;
}

const NOBODYS = {
  baseMsat: satsToMsat(1n),
  replyMsat: satsToMsat(1n),
  founder: null,
  rewardsPercent: 100,
  postTypes: null,
};

/** The terms of territories, in the order of the names, however they are written; 1 sat where there is no such territory. */
export async function territoryCosts(
  db: Pick<ClientBase, 'query'>,
  names: readonly string[],
): Promise<readonly TerritoryTerms[]> {
  if (names.length === 0) return [];
  const keys = names.map((name) => name.toLowerCase());
  const { rows } = await db.query<{
    name: string;
    baseMsat: Msat;
    replyMsat: Msat;
    founder: string | null;
    rewardsPercent: number;
    postTypes: readonly string[];
  }>(
    `select name, base_cost_msat as "baseMsat", reply_cost_msat as "replyMsat",
       case when state <> 'STOPPED' then owner end as founder, rewards_percent as "rewardsPercent",
       post_types as "postTypes"
     from territories where name = any($1::text[])`,
    [keys],
  );
  const found = new Map(rows.map((row) => [row.name, row]));
  return keys.map((name) => {
    const { rewardsPercent, ...terms } = found.get(name) ?? { name, ...NOBODYS };
    // The rest goes to the rewards pool.
    const founderPercent = terms.founder === null ? 0n : BigInt(100 - rewardsPercent);
    return { ...terms, founderPercent };
  });
}

/** Throws Refusal `item.not_possible` where a territory does not take such posts. */
export function refusePostType(kind: ItemKindName, territories: readonly TerritoryTerms[]): void {
  const type = kind.toUpperCase();
  const closed = territories.find(({ postTypes }) => postTypes?.includes(type) === false);
  if (closed === undefined) return;
  throw new Refusal('item.not_possible', `territory ${closed.name} takes no ${kind} posts`);
}

import type { ClientBase } from 'pg';
import { addMsat, type Msat, satsToMsat } from '../../domain/money.js';

const DEFAULT_MSAT = satsToMsat(1n);

/** What an item costs in one territory. */
export interface TerritoryCost {
  readonly name: string;
  readonly baseMsat: Msat;
  readonly replyMsat: Msat;
}

/** Of each name, however it is written, in the order given; 1 sat where there is no such territory. */
export async function territoryCosts(
  db: Pick<ClientBase, 'query'>,
  names: readonly string[],
): Promise<readonly TerritoryCost[]> {
  const keys = names.map((name) => name.toLowerCase());
  if (keys.length === 0) return [];
  const { rows } = await db.query<TerritoryCost>(
    `select name, base_cost_msat as "baseMsat", reply_cost_msat as "replyMsat" from territories where name = any($1::text[])`,
    [keys],
  );
  const found = new Map(rows.map((row) => [row.name, row]));
  return keys.map(
    (name) => found.get(name) ?? { name, baseMsat: DEFAULT_MSAT, replyMsat: DEFAULT_MSAT },
  );
}

/** The base of a post or reply: the sum of its territories' costs, and 1 sat where it has none. */
export function baseCost(costs: readonly TerritoryCost[], kind: 'post' | 'reply'): Msat {
  if (costs.length === 0) return DEFAULT_MSAT;
  return addMsat(
    ...costs.map(({ baseMsat, replyMsat }) => (kind === 'post' ? baseMsat : replyMsat)),
  );
}

import type { ClientBase } from 'pg';
import { readBalance } from './read-balance.js';
import type { Us } from '../../domain/credits/time.js';

/** What the peer asks for: a day of each. */
const SECONDS = 86_400;

export interface ResourceCost {
  readonly itemHash: string;
  readonly owner: string;
  readonly type: string;
  /** A decimal; null: only its type is known. */
  readonly creditsPerSecond: string | null;
}

export async function recordResource(tx: ClientBase, resource: ResourceCost): Promise<void> {
  await tx.query(
    `insert into credit_resources (item_hash, owner, type, credits_per_second) values ($1, $2, $3, $4)
     on conflict (item_hash) do update set owner = excluded.owner, type = excluded.type,
       credits_per_second = excluded.credits_per_second`,
    [resource.itemHash, resource.owner, resource.type, resource.creditsPerSecond],
  );
}

export interface StatusChange {
  readonly itemHash: string;
  readonly status: 'processed' | 'removing';
}

/**
 * Which of an owner's resources it can still pay for, a day of each in the order they came, from what it has now: others are to be
 * removed, and come back once there is enough. Nothing is debited. Gives what changed.
 */
export async function checkAffordability(
  tx: ClientBase,
  owner: string,
  now?: Us,
): Promise<readonly StatusChange[]> {
  const { rows } = await tx.query<{
    itemHash: string;
    needed: bigint;
    status: StatusChange['status'];
  }>(
    `select item_hash as "itemHash", status, ceil(credits_per_second * $2)::bigint as needed from credit_resources
     where owner = $1 and credits_per_second is not null order by id for no key update`,
    [owner, SECONDS],
  );
  if (rows.length === 0) return [];
  let left = await readBalance(tx, 'aleph', owner, now);
  const changes: StatusChange[] = [];
  for (const { itemHash, needed, status } of rows) {
    const wanted = left < needed ? 'removing' : 'processed';
    left = left < needed ? 0n : left - needed;
    if (wanted !== status) changes.push({ itemHash, status: wanted });
  }
  if (changes.length > 0) {
    await tx.query(
      `update credit_resources r set status = c.status
       from unnest($1::text[], $2::text[]) as c(item_hash, status) where r.item_hash = c.item_hash`,
      [changes.map(({ itemHash }) => itemHash), changes.map(({ status }) => status)],
    );
  }
  return changes;
}

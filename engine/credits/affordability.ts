import type { ClientBase } from 'pg';
import type { Us } from '../../domain/credits/time.js';
import { creditSubject } from '../../domain/names/subjects.js';
import { enqueueEvent } from '../outbox.js';
import { readBalance } from './read-balance.js';

/** As at the peer: an owner must be able to pay a day of each resource. */
const SECONDS = 86_400;

export interface ResourceCost {
  readonly itemHash: string;
  readonly owner: string;
  readonly type: string;
  /** A decimal; null while only its type is known. */
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
 * Updates the status of an owner's resources: `processed` while its balance covers a day of each, counted in the order they were
 * recorded, else `removing`. Nothing is debited. Returns what changed.
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
    const next = left < needed ? 'removing' : 'processed';
    left = left < needed ? 0n : left - needed;
    if (next !== status) changes.push({ itemHash, status: next });
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

/** Announces which resources of an owner can no longer be paid for, or can be again. */
export async function announceResources(
  tx: ClientBase,
  owner: string,
  changes: readonly StatusChange[],
): Promise<void> {
  for (const { itemHash, status } of changes) {
    await enqueueEvent(tx, {
      subject: creditSubject('aleph', status === 'removing' ? 'unaffordable' : 'affordable'),
      orderingKey: `credits/aleph/${owner}`,
      payload: { owner, itemHash, status },
    });
  }
}

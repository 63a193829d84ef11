import type { System } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';

/** Of the newest attempts, in the order of the ids. */
export async function statesOf({ pool }: System, ids: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; state: string }>(
    `select distinct on (action_id) action_id as id, state from attempts where action_id = any($1::uuid[])
     order by action_id, attempt desc`,
    [ids],
  );
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  return ids.map((id) => states.get(id) ?? 'unknown');
}

export async function untilEnded(
  system: System,
  ids: readonly string[],
  timeoutMs: number,
): Promise<void> {
  await waitUntil(
    `${ids.length} attempts to end`,
    async () =>
      (await statesOf(system, ids)).every((state) => state === 'PAID' || state === 'FAILED'),
    timeoutMs,
  );
}

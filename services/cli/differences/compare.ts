import type { ClientBase } from 'pg';
import type { Told } from './read-streams.js';

/** Something that NATS was told and the database does not show. */
export interface Difference extends Told {
  /** Null: the database has never heard of it. */
  readonly here: string | null;
}

/** States of which there is no way back, by kind: `settled` and `succeeded` are the only ones read of money. */
const FINAL: ReadonlySet<string> = new Set(['PAID', 'FAILED', 'settled', 'succeeded']);

/** Of an order that has never been transmitted. */
const BEFORE_AIR: ReadonlySet<string> = new Set(['pending', 'paid']);

const AT_ONCE = 1_000;

const HERE = {
  attempt: `select action_id || '/' || attempt as id, state from attempts
    where (action_id, attempt) in (
      select split_part(id, '/', 1)::uuid, split_part(id, '/', 2)::integer from unnest($1::text[]) id)`,
  order: `select id::text, state from orders where id = any ($1::text[]::uuid[])`,
  invoice: `select hash as id, state from invoices where hash = any ($1)`,
  payment: `select hash as id, state from payments where hash = any ($1)`,
} as const satisfies Record<Told['kind'], string>;

/** Those that are missing here, or that are in another state although they have ended or, of orders, were on air. In the order of their times. */
export async function compare(
  db: Pick<ClientBase, 'query'>,
  told: readonly Told[],
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const kind of Object.keys(HERE) as Told['kind'][]) {
    const ofKind = told.filter((one) => one.kind === kind);
    for (let from = 0; from < ofKind.length; from += AT_ONCE) {
      differences.push(...(await compareSome(db, HERE[kind], ofKind.slice(from, from + AT_ONCE))));
    }
  }
  return differences.sort((a, b) => a.at.getTime() - b.at.getTime());
}

async function compareSome(
  db: Pick<ClientBase, 'query'>,
  sql: string,
  told: readonly Told[],
): Promise<Difference[]> {
  const { rows } = await db.query<{ id: string; state: string }>(sql, [told.map(({ id }) => id)]);
  const here = new Map(rows.map(({ id, state }) => [id, state]));
  return told.flatMap((one) => {
    const state = here.get(one.id) ?? null;
    return state !== null && isShownBy(state, one) ? [] : [{ ...one, here: state }];
  });
}

/** Whether a state here is the one that was told, or may come after it. */
function isShownBy(state: string, told: Told): boolean {
  if (told.kind === 'order') return !BEFORE_AIR.has(state);
  return state === told.state || !FINAL.has(told.state);
}

import type { Pool } from 'pg';

/** What an action is about, for lists that name it. */
export interface ActionSubject {
  readonly actionId: string;
  readonly type: string;
  /** Id of the account that opened it; null without an account. */
  readonly actor: string | null;
  /** What it made, or acts on. */
  readonly item: {
    readonly id: string;
    readonly kind: string;
    /** Its title, or how its text begins; empty where it was deleted. */
    readonly name: string;
  } | null;
  readonly territory: string | null;
}

interface Row extends Omit<ActionSubject, 'item'> {
  readonly itemId: string | null;
  readonly kind: string | null;
  readonly name: string | null;
}

/**
 * By the action's id; ids that are no action's are left out. Without a check of who may see them: for whoever has opened or been paid by
 * them.
 */
export async function readSubjects(
  db: Pool,
  actionIds: readonly string[],
): Promise<ReadonlyMap<string, ActionSubject>> {
  if (actionIds.length === 0) return new Map();
  const { rows } = await db.query<Row>(READ, [actionIds]);
  return new Map(rows.map((row) => [row.actionId, subjectOf(row)]));
}

function subjectOf({ itemId, kind, name, ...rest }: Row): ActionSubject {
  const item = itemId === null ? null : { id: itemId, kind: kind ?? '', name: name ?? '' };
  return { ...rest, item };
}

const READ = `
  select s.id as "actionId", s.type, s.actor, i.id::text as "itemId", i.kind,
    coalesce(i.title, left(regexp_replace(i.text, '\\s+', ' ', 'g'), 60)) as name,
    coalesce(s.args ->> 'territory', case when s.type = 'TERRITORY_CREATE' then s.args ->> 'name' end) as territory
  from actions s
  left join items made on made.action_id = s.id
  left join items i on i.id = coalesce(made.id,
    case when s.args ->> 'itemId' ~ '^[0-9]{1,18}$' then (s.args ->> 'itemId')::bigint end)
  where s.id = any($1::uuid[])`;

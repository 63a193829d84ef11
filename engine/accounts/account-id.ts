import type { ClientBase } from 'pg';

/** The id of the account with that name; undefined when there is none. */
export async function accountIdOf(
  db: Pick<ClientBase, 'query'>,
  name: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>('select id from accounts where name = $1', [
    name,
  ]);
  return rows[0]?.id;
}

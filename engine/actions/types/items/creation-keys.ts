import { hashJson } from '../../../canonical-json.js';
import type { ExclusiveKey } from '../../../exclusive-keys.js';
import type { ActionContext, Queryable } from '../paid-action-type.js';
import type { ItemArgs } from './kinds.js';

/** The same item of the same author cannot be opened again for a while: a double click posts once. And an account has one bio. */
export async function creationKeys(
  db: Queryable,
  { actor, args }: Pick<ActionContext<ItemArgs>, 'actor' | 'args'>,
): Promise<readonly ExclusiveKey[]> {
  if (actor === null) return [];
  if (args.kind === 'bio') {
    const taken = { code: 'item.duplicate', detail: 'you have a bio: edit or delete it' } as const;
    return [{ key: `bio/${actor}`, taken }];
  }
  const { rows } = await db.query<{ seconds: number }>(
    'select duplicate_seconds as seconds from item_rules',
  );
  const seconds = rows[0]?.seconds ?? 0;
  const detail = `the same item was posted less than ${seconds} s ago`;
  const key = `item/${hashJson([actor, sameItem(args)]).toString('hex')}`;
  return [{ key, seconds, taken: { code: 'item.duplicate', detail } }];
}

/** By what two items are the same, as at the peer. */
function sameItem(args: Exclude<ItemArgs, { kind: 'bio' }>): unknown {
  if (args.kind === 'comment') return [args.parentId, args.text];
  return [args.title, 'url' in args ? args.url : null, args.text, args.territories];
}

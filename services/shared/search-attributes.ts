import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/names/search-attributes.js';

/** temporal.api.enums.v1.IndexedValueType: the client does not export the name of the number. */
const KEYWORD = 2;

/**
 * Makes Temporal know our search attributes; gives the names that were missing. May be called
 * again and again, by several processes at once: a Temporal that came back empty has lost them,
 * and refuses to start our workflows until they are there.
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<readonly string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in customAttributes));
  if (missing.length === 0) return [];
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
  return missing;
}

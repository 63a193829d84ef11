import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/names/search-attributes.js';

/** temporal.api.enums.v1.IndexedValueType; the client does not export the enum. */
const KEYWORD = 2;

/**
 * Registers our search attributes with Temporal and gives the names that were missing. Idempotent; several
 * processes may call it at once. A Temporal that lost its data refuses to start our workflows until they
 * are registered again.
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

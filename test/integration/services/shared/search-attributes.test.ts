import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../../../domain/names/search-attributes.js';
import { registerSearchAttributes } from '../../../../services/shared/search-attributes.js';
import { waitUntil } from '../../../support/wait-until.js';

/** A new namespace has none of our search attributes, like a Temporal that lost its data. */
const namespace = `empty-${randomUUID()}`;
let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  // The frontend caches the list of namespaces.
  await waitUntil('the namespace is known', () => listAttributes().catch(() => false));
});

afterAll(() => connection.close());

async function listAttributes(): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.keys(customAttributes);
}

test('missing ones are added, also by several callers at once; nothing is added twice', async () => {
  expect(await listAttributes()).not.toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
  const register = () => registerSearchAttributes(connection, namespace);
  const added = await Promise.all([register(), register(), register()]);
  expect(new Set(added.flat())).toEqual(new Set(SEARCH_ATTRIBUTES));
  expect(await listAttributes()).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
  expect(await register()).toEqual([]);
});

import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../../../domain/names/search-attributes.js';
import { registerSearchAttributes } from '../../../../services/shared/search-attributes.js';
import { waitUntil } from '../../../support/wait-until.js';

/** New, so that it knows none of ours: as a Temporal that came back empty. */
const namespace = `empty-${randomUUID()}`;
let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  // The frontend keeps a list of namespaces that it renews now and then.
  await waitUntil('the namespace is known', () => listAttributes().catch(() => false));
});

afterAll(() => connection.close());

async function listAttributes(): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.keys(customAttributes);
}

test('those that are missing are added, by several at once, and nothing when all are there', async () => {
  expect(await listAttributes()).not.toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
  const register = () => registerSearchAttributes(connection, namespace);
  const added = await Promise.all([register(), register(), register()]);
  expect(new Set(added.flat())).toEqual(new Set(SEARCH_ATTRIBUTES));
  expect(await listAttributes()).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
  expect(await register()).toEqual([]);
});

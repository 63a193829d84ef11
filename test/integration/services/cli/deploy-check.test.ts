import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  liveHistories,
  replay,
  savedHistories,
} from '../../../../services/cli/deploy-check/replay.js';
import { waitUntil } from '../../../support/wait-until.js';

const HISTORIES = fileURLToPath(new URL('../../../histories/', import.meta.url));
const QUEUE = 'deploy-check-test';

let folder: string;
let client: Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-histories-'));
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address === undefined) throw new Error('TEMPORAL_ADDRESS is not set');
  client = new Client({ connection: await Connection.connect({ address }) });
});
afterAll(async () => {
  await client.connection.close();
  await rm(folder, { recursive: true });
});

test('saved histories replay on this release', async () => {
  const saved = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json'));
  expect(await replay(savedHistories(HISTORIES), {})).toEqual({
    replayed: saved.length,
    problems: [],
  });
});

test('a history that this release would not have written is a problem, and the others are none', async () => {
  const history = await readFile(join(HISTORIES, 'paid-action-pessimistic.json'), 'utf8');
  await writeFile(join(folder, 'fits.json'), history);
  // What another release's code did: here it is that of another workflow.
  const planted = history.replaceAll('"name": "paidAction"', '"name": "creditsRebuild"');
  expect(planted).not.toBe(history);
  await writeFile(join(folder, 'planted.json'), planted);
  const { replayed, problems } = await replay(savedHistories(folder), {});
  expect(replayed).toBe(2);
  expect(problems).toEqual([expect.stringMatching(/^planted\.json: .*[Nn]ondeterminism/)]);
});

test('running workflows are replayed, at most so many of each type', async () => {
  const ids = ['deploy-check/1', 'deploy-check/2'];
  for (const workflowId of ids) {
    await client.workflow.start('store', { workflowId, taskQueue: QUEUE, args: [{ store: '1' }] });
  }
  try {
    const found = await waitUntil('they are listed', async () => {
      const listed = await collect(liveHistories(client, 200));
      return ids.every((id) => listed.includes(id)) && listed;
    });
    expect(found).toEqual(expect.arrayContaining(ids));
    expect((await collect(liveHistories(client, 1))).length).toBeLessThan(found.length);
  } finally {
    for (const id of ids) await client.workflow.getHandle(id).terminate();
  }
});

async function collect(histories: AsyncIterable<{ workflowId: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of histories) ids.push(workflowId);
  return ids;
}

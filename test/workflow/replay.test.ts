import { readdir, readFile } from 'node:fs/promises';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { workflowCode } from '../../services/shared/workflow-code.js';
import { HISTORIES, quiet } from './workflow-fixture.helper.js';

interface SavedHistory {
  readonly workflowId: string;
  readonly history: ReturnType<typeof historyFromJSON>;
}

async function* savedHistories(): AsyncGenerator<SavedHistory> {
  for (const file of (await readdir(HISTORIES)).filter((name) => name.endsWith('.json'))) {
    const saved: unknown = JSON.parse(await readFile(new URL(file, HISTORIES), 'utf8'));
    yield { workflowId: file, history: historyFromJSON(saved) };
  }
}

it('every saved history replays against the workflows of today', { timeout: 120_000 }, async () => {
  quiet();
  const replayed: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(
    workflowCode(),
    savedHistories(),
  )) {
    expect(error, workflowId).toBeUndefined();
    replayed.push(workflowId);
  }
  expect(replayed).toEqual(
    expect.arrayContaining(
      [
        ...['paid-action-optimistic', 'paid-action-pessimistic'],
        ...['ephemeral-item', 'reminder', 'reminder-cancelled'],
      ].map((name) => `${name}.json`),
    ),
  );
});

import { randomUUID } from 'node:crypto';
import protocol from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionFixture } from '../integration/engine/actions/fixture.helper.js';
import { WorkflowFixture } from './workflow-fixture.helper.js';

const { History } = protocol.temporal.api.history.v1;
const [OLD, NEW] = [`old:${'1a'.repeat(32)}`, `new:${'2b'.repeat(32)}`];
const TITLE = 'A title that nobody else may read';

let actions: ActionFixture;
const open: WorkflowFixture[] = [];

beforeAll(async () => {
  actions = await ActionFixture.create();
  await actions.account('reader', 10_000_000n);
});
afterAll(async () => {
  for (const workflows of open) await workflows.close();
  await actions.close();
});

async function withKeys(codecKeys?: string): Promise<WorkflowFixture> {
  const workflows = await WorkflowFixture.create(
    actions,
    codecKeys === undefined ? {} : { codecKeys },
  );
  open.push(workflows);
  return workflows;
}

/** Opens an action as another service does, and gives its result and its history as the server has it. */
async function run(client: WorkflowFixture, queue = client.queue) {
  const actionId = randomUUID();
  const handle = await client.client.workflow.start('paidAction', {
    workflowId: `action/${actionId}/1`,
    taskQueue: queue,
    args: [
      {
        ...{ actionId, attempt: 1 },
        open: { type: 'ITEM_CREATE', args: { title: TITLE }, actor: 'reader' },
      },
    ],
  });
  const result: unknown = await handle.result();
  const history = Buffer.from(History.encode(await handle.fetchHistory()).finish());
  return { result, history };
}

describe('payloads in Temporal', () => {
  it('are in clear without keys', async () => {
    const { result, history } = await run(await withKeys());
    expect(result).toEqual({ state: 'PAID', reason: null });
    expect(history.includes(TITLE)).toBe(true);
  });

  it('are encrypted with keys, arguments, steps and results', async () => {
    const { result, history } = await run(await withKeys(OLD));
    expect(result).toEqual({ state: 'PAID', reason: null });
    expect(history.includes('encryption-key-id')).toBe(true);
    // Search attributes are in clear, and hold the type.
    for (const text of [TITLE, '"state"', 'awaits']) {
      expect([text, history.includes(text)]).toEqual([text, false]);
    }
  });

  it('encrypted with the key before are read after a rotation', async () => {
    const [before, after] = [await withKeys(OLD), await withKeys(`${OLD},${NEW}`)];
    const { result, history } = await run(before, after.queue).catch((error: unknown) => ({
      // The worker answers with the new key, which the client of before does not have.
      result: String(error),
      history: undefined,
    }));
    expect(result).toContain('has no key "new"');
    expect(history).toBeUndefined();
    const forward = await run(after, after.queue);
    expect(forward.result).toEqual({ state: 'PAID', reason: null });
    expect(forward.history.includes('new')).toBe(true);
  });

  it('in clear from a client without keys are read by a worker that has some', async () => {
    const [plain, worker] = [await withKeys(), await withKeys(NEW)];
    const actionId = randomUUID();
    await plain.client.workflow.start('paidAction', {
      workflowId: `action/${actionId}/1`,
      taskQueue: worker.queue,
      args: [
        {
          ...{ actionId, attempt: 1 },
          open: { type: 'ITEM_CREATE', args: { title: TITLE }, actor: 'reader' },
        },
      ],
    });
    const handle = worker.client.workflow.getHandle(`action/${actionId}/1`);
    expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
  });
});

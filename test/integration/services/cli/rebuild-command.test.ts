import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createRebuildActivities } from '../../../../activities/credits-rebuild.js';
import { checkVerified } from '../../../../engine/credits/rebuild/generation.js';
import { TASK_QUEUES } from '../../../../domain/names/workflows.js';
import { rebuildLedgers } from '../../../../services/cli/credits/rebuild-workflow.js';
import { rebuildContext } from '../../../../services/worker/queues.js';
import { workflowCode } from '../../../../services/shared/workflow-code.js';
import { quiet } from '../../../workflow/workflow-fixture.helper.js';
import { type LedgerForTests, ledgerForTests } from '../../engine/credits/ledger-fixture.helper.js';

const ADDRESSES = 300;

let ledger: LedgerForTests;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;
beforeAll(async () => {
  quiet();
  ledger = await ledgerForTests();
  connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  worker = await Worker.create({
    connection,
    taskQueue: TASK_QUEUES.effects,
    ...workflowCode(),
    activities: createRebuildActivities(ledger.pool, rebuildContext),
  });
  running = worker.run();
  await ledger.pool.query(
    `insert into credit_history (ledger, credit_ref, credit_index, address, amount, at)
     select 'aleph', 'brought in', i, 'address-' || i, 10, now() from generate_series(1, $1) i`,
    [ADDRESSES],
  );
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
  await ledger.close();
});
afterEach(() => vi.unstubAllEnvs());

test('a dry run shows what differs, and two concurrent rebuilds are one', async () => {
  const dry: string[] = [];
  await rebuildLedgers(['aleph'], true, (line) => dry.push(line));
  expect(dry).toContain('aleph address-1  differ');
  expect(dry.at(-1)).toBe(`aleph: ${ADDRESSES} addresses, ${ADDRESSES} differ; not verified`);
  await expect(checkVerified(ledger.pool)).rejects.toThrow('aleph');

  const lines: string[][] = [[], []];
  await Promise.all(lines.map((of) => rebuildLedgers(['aleph'], false, (line) => of.push(line))));
  const ends = new Set(lines.map((of) => of.at(-1)));
  // If the second command came when the first rebuild had ended, its own found nothing to do.
  expect(ends).toContain(`aleph: ${ADDRESSES} addresses, ${ADDRESSES} rebuilt; verified`);
  await expect(checkVerified(ledger.pool)).resolves.toBeUndefined();
});

test('without Temporal the error says what to do', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  const failure: unknown = await rebuildLedgers(['aleph'], false, () => undefined).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({
    message: expect.stringContaining('Temporal does not answer at 127.0.0.1:1') as string,
    next: expect.stringContaining('--address') as string,
  });
});

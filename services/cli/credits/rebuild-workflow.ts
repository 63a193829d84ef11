import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import type { LedgerName } from '../../../domain/credits/lot.js';
import {
  creditsRebuildWorkflowId,
  PROGRESS_QUERY,
  WORKFLOW_QUEUES,
} from '../../../domain/names/workflows.js';
import { loadConfigPart } from '../../shared/config.js';
import {
  TEMPORAL_KEYS,
  type TemporalConfig,
  temporalConnection,
  temporalPayloads,
} from '../../shared/temporal/access.js';
import { EXIT } from '../exit-codes.js';
import { CommandError, messageOf } from '../run-command.js';

type Say = (line: string) => void;

const CONNECT_TIMEOUT_MS = 5_000;
const POLL_EVERY_MS = 500;
const QUERY_TIMEOUT_MS = 3_000;

const progress = z.object({
  after: z.string(),
  addresses: z.number(),
  rows: z.number(),
  differed: z.number(),
  differing: z.array(z.string()),
});
const result = progress.extend({ verified: z.boolean() });

/** Starts the rebuild of each ledger, or attaches to the one that is running, and shows its progress and result. */
export async function rebuildLedgers(
  ledgers: readonly LedgerName[],
  dryRun: boolean,
  say: Say,
): Promise<void> {
  const config = loadConfigPart(TEMPORAL_KEYS);
  const { temporalNamespace: namespace } = config;
  const connection = await connect(config);
  try {
    const client = new Client({ connection, namespace, ...temporalPayloads(config) });
    for (const ledger of ledgers) await rebuildLedger(client, ledger, dryRun, say);
  } finally {
    await connection.close();
  }
}

async function connect(config: TemporalConfig): Promise<Connection> {
  try {
    return await Connection.connect({
      ...temporalConnection(config),
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
  } catch (error) {
    throw new CommandError(
      `Temporal does not answer at ${config.temporalAddress}: ${messageOf(error)}`,
      'start it and a worker (npm start does both), set TEMPORAL_ADDRESS, or rebuild single addresses with --address, which needs PostgreSQL only',
      { cause: error, exitCode: EXIT.notLooked },
    );
  }
}

async function rebuildLedger(
  client: Client,
  ledger: LedgerName,
  dryRun: boolean,
  say: Say,
): Promise<void> {
  const workflowId = creditsRebuildWorkflowId(ledger, dryRun);
  const handle = await client.workflow.start('creditsRebuild', {
    workflowId,
    taskQueue: WORKFLOW_QUEUES.creditsRebuild,
    args: [{ ledger, dryRun }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  say(`${ledger}: ${workflowId} runs on the workers; it continues if you leave with Ctrl-C`);
  const ended = new AbortController();
  const shown = showProgress(client, handle, ledger, say, ended.signal);
  try {
    const done = result.parse(await handle.result().catch(failed));
    for (const address of done.differing) say(`${ledger} ${address}  ${verb(dryRun)}`);
    const unnamed = done.differed - done.differing.length;
    if (unnamed > 0) say(`${ledger}  and ${unnamed} more: quittance credits verify names them all`);
    const outcome = done.verified ? 'verified' : 'not verified';
    say(`${ledger}: ${done.addresses} addresses, ${done.differed} ${verb(dryRun)}; ${outcome}`);
  } finally {
    ended.abort();
    await shown;
  }
}

/** Workflow failures are nested: the innermost error names the reason. */
function failed(error: unknown): never {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error)
    innermost = innermost.cause;
  throw new CommandError(
    `the rebuild failed: ${messageOf(innermost)}`,
    'run quittance credits verify to see what differs',
    { cause: error },
  );
}

function verb(dryRun: boolean): string {
  return dryRun ? 'differ' : 'rebuilt';
}

/** Prints a line when there is progress, and one when no worker answers. */
async function showProgress(
  client: Client,
  handle: WorkflowHandle,
  ledger: LedgerName,
  say: Say,
  ended: AbortSignal,
): Promise<void> {
  let shown = 0;
  let unanswered = false;
  const hasEnded = (): boolean => ended.aborted;
  while (!hasEnded()) {
    await pause(POLL_EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
    if (hasEnded()) return;
    try {
      const answer: unknown = await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () =>
        handle.query(PROGRESS_QUERY),
      );
      const addresses = progress.nullable().parse(answer)?.addresses ?? 0;
      if (addresses > shown) say(`${ledger}: ${addresses} addresses`);
      shown = addresses;
    } catch {
      // A query can fail because the workflow has just ended; its result is shown elsewhere.
      if (!unanswered && !hasEnded()) {
        say(`${ledger}: no worker answers; start one that serves the queue effects`);
      }
      unanswered = true;
    }
  }
}

import { Client, Connection } from '@temporalio/client';
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
import { rebuildProgress, showProgress } from './rebuild-progress.js';

type Say = (line: string) => void;

const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 3_000;

const result = rebuildProgress.extend({ verified: z.boolean() });

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
  const ask = (): Promise<unknown> =>
    client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => handle.query(PROGRESS_QUERY));
  const shown = showProgress(ask, ledger, say, ended.signal);
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

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { WORKFLOW_QUEUES } from '../../../domain/names/workflows.js';
import { workflowCode } from '../../shared/workflow-code.js';

type Histories = Parameters<typeof Worker.runReplayHistories>[1];
type ReplayOptions = Parameters<typeof Worker.runReplayHistories>[0];

export interface Replay {
  readonly replayed: number;
  /** A line for each history that this release's workflows do not fit. */
  readonly problems: readonly string[];
}

/** Replays histories against the workflows of this release. A history that does not fit is one that would stand still. */
export async function replay(
  histories: Histories,
  payloads: Pick<ReplayOptions, 'dataConverter'>,
): Promise<Replay> {
  quietRuntime();
  const problems: string[] = [];
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { ...workflowCode(), ...payloads },
    histories,
  )) {
    replayed += 1;
    if (error !== undefined) problems.push(`${workflowId}: ${firstLine(error.message)}`);
  }
  return { replayed, problems };
}

/** Histories in a folder, as `npm run histories` and Temporal's UI save them. */
export async function* savedHistories(folder: string): AsyncGenerator<HistoryOf<Histories>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  for (const file of files) {
    const saved: unknown = JSON.parse(await readFile(join(folder, file), 'utf8'));
    yield { workflowId: file, history: historyFromJSON(saved) };
  }
}

/** Of workflows that run now: the newest of each type, at most so many. */
export async function* liveHistories(
  client: Client,
  limitPerType: number,
): AsyncGenerator<HistoryOf<Histories>> {
  for (const type of Object.keys(WORKFLOW_QUEUES)) {
    const query = `WorkflowType = "${type}" AND ExecutionStatus = "Running"`;
    let taken = 0;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      if (taken === limitPerType) break;
      taken += 1;
      const handle = client.workflow.getHandle(workflowId, runId);
      const history = await handle.fetchHistory().catch(() => undefined);
      // It may have ended and been removed meanwhile.
      if (history !== undefined) yield { workflowId, history };
    }
  }
}

type HistoryOf<T> = T extends AsyncIterable<infer One> | Iterable<infer One> ? One : never;

let isQuiet = false;
/** The replayer logs each failure with a stack; they are in the result. */
function quietRuntime(): void {
  if (isQuiet) return;
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
  isQuiet = true;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

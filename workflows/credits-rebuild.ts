import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  continueAsNew,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  RangeDone,
  RangeToRebuild,
  RebuildActivities,
  RebuildInput,
} from '../activities/credits-rebuild.js';
import { PROGRESS_QUERY } from '../domain/names/workflows.js';
import type { WorkflowResult } from '../domain/workflow-step.js';

/** How far a rebuild is; also what it hands to itself when its history grows long. */
export interface RebuildProgress extends RangeDone {
  /** All addresses up to it are done. */
  readonly after: string;
  readonly generation: string;
}

/** A dry run that finds differences does not verify the ledger, nor does a rebuild during which its history was changed. */
export interface RebuildResult extends RebuildProgress, WorkflowResult {
  readonly state: 'verified' | 'unverified';
  readonly verified: boolean;
}

const progressQuery = defineQuery<RebuildProgress | null>(PROGRESS_QUERY);

const retry = { initialInterval: '200 milliseconds', maximumInterval: '10 seconds' } as const;
const activities = (summary: string): Pick<RebuildActivities, ShortActivity> =>
  proxyActivities<RebuildActivities>({ startToCloseTimeout: '1 minute', retry, summary });
type ShortActivity = 'beginRebuild' | 'nextRanges' | 'finishRebuild';
const { beginRebuild } = activities('note the generation of the history');
const { nextRanges } = activities('find the next ranges of addresses');
const { finishRebuild } = activities('mark the ledger as verified, unless its history has changed');

/** Addresses that a result names: enough to investigate, and small. */
const NAMED = 1000;

/** Rebuilds the lots of a ledger from its history, range by range; with `dryRun`, reports which addresses differ. */
export async function creditsRebuild(
  input: RebuildInput,
  before?: RebuildProgress,
): Promise<RebuildResult> {
  let progress: RebuildProgress | null = before ?? null;
  setHandler(progressQuery, () => progress);
  // Parses the input, which may be anything: it is not read here before that.
  let at: RebuildProgress = before ?? {
    ...NOTHING,
    generation: await beginRebuild(input, workflowInfo().workflowId),
  };
  const { ledger, dryRun } = input;
  for (;;) {
    progress = at;
    setCurrentDetails(
      `${at.addresses} addresses, ${at.differed} ${dryRun ? 'differ' : 'rebuilt'}, through ${at.after}`,
    );
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof creditsRebuild>(input, at);
    }
    const ranges = await nextRanges(ledger, at.after);
    const last = ranges.at(-1);
    if (last === undefined) break;
    const done = await Promise.all(ranges.map((range) => rebuildOne({ ...range, dryRun })));
    at = { ...done.reduce(add, at), after: last.through ?? at.after, generation: at.generation };
  }
  const reason = await finish(input, at);
  const state = reason === null ? 'verified' : 'unverified';
  upsertSearchAttributes([{ key: Q_STATE, value: state }]);
  return { ...at, state, reason, verified: reason === null };
}

// It owns no row: what was started with neither input nor progress of its own kind fails instead of being tried for ever.
setWorkflowOptions({ failureExceptionTypes: [TypeError] }, creditsRebuild);

const Q_STATE = defineSearchAttributeKey('QState', SearchAttributeType.KEYWORD);

/** Why the ledger is not verified; null when it is. */
async function finish(
  { ledger, dryRun }: RebuildInput,
  at: RebuildProgress,
): Promise<string | null> {
  if (dryRun && at.differed > 0) return `${at.differed} addresses differ from the history`;
  if (await finishRebuild(ledger, at.generation)) return null;
  return 'the history was changed meanwhile';
}

function rebuildOne(range: RangeToRebuild): Promise<RangeDone> {
  const { rebuildAddressRange } = proxyActivities<RebuildActivities>({
    summary: `${range.dryRun ? 'compare' : 'rebuild'} addresses after "${range.after}" through "${range.through}"`,
    startToCloseTimeout: '1 hour',
    // A worker that died is noticed after this; the next one resumes from its last heartbeat.
    heartbeatTimeout: '10 seconds',
    retry,
  });
  return rebuildAddressRange(range);
}

const NOTHING = { after: '', addresses: 0, rows: 0, differed: 0, differing: [] };

function add(a: RangeDone, b: RangeDone): RangeDone {
  return {
    addresses: a.addresses + b.addresses,
    rows: a.rows + b.rows,
    differed: a.differed + b.differed,
    differing: [...a.differing, ...b.differing].slice(0, NAMED),
  };
}

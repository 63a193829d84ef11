import {
  continueAsNew,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RangeDone, RebuildActivities, RebuildInput } from '../activities/credits-rebuild.js';
import { PROGRESS_QUERY } from '../domain/names/workflows.js';

/** How far a rebuild is; also what it hands to itself when its history grows long. */
export interface RebuildProgress extends RangeDone {
  /** All addresses up to it are done. */
  readonly after: string;
  readonly generation: string;
}

/** Null until it is finished; a dry run with differences, or one whose history was changed meanwhile, verifies nothing. */
export interface RebuildResult extends RebuildProgress {
  readonly verified: boolean;
}

const progressQuery = defineQuery<RebuildProgress | null>(PROGRESS_QUERY);

const retry = { initialInterval: '200 milliseconds', maximumInterval: '10 seconds' } as const;
const { beginRebuild, nextRanges, finishRebuild } = proxyActivities<RebuildActivities>({
  startToCloseTimeout: '1 minute',
  retry,
});
const { rebuildAddressRange } = proxyActivities<RebuildActivities>({
  startToCloseTimeout: '1 hour',
  // A worker that died is missed so soon; the next goes on from its last beat.
  heartbeatTimeout: '10 seconds',
  retry,
});

/** Addresses that are named in a result: enough to look into, and little to carry. */
const NAMED = 1000;

/** Makes the lots of a ledger again from its history, range by range; with `dryRun`, tells which addresses differ. */
export async function creditsRebuild(
  input: RebuildInput,
  before?: RebuildProgress,
): Promise<RebuildResult> {
  let progress: RebuildProgress | null = before ?? null;
  setHandler(progressQuery, () => progress);
  const { ledger, dryRun } = input;
  let at: RebuildProgress = before ?? { ...NOTHING, generation: await beginRebuild(input) };
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
    const done = await Promise.all(
      ranges.map((range) => rebuildAddressRange({ ...range, dryRun })),
    );
    at = { ...done.reduce(add, at), after: last.through ?? at.after, generation: at.generation };
  }
  const sound = !dryRun || at.differed === 0;
  const verified = sound && (await finishRebuild(ledger, at.generation));
  upsertSearchAttributes({ QState: [verified ? 'verified' : 'unverified'] });
  return { ...at, verified };
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

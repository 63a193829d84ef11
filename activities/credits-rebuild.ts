import { ApplicationFailure } from '@temporalio/common';
import { DatabaseError, type Pool } from 'pg';
import { z } from 'zod';
import type { LedgerName } from '../domain/credits/lot.js';
import { creditsRebuildWorkflowId } from '../domain/names/workflows.js';
import { planRanges, type AddressRange } from '../engine/credits/rebuild/addresses.js';
import { rebuildRange } from '../engine/credits/rebuild/rebuild.js';
import { beginReplay, markVerified } from '../engine/credits/rebuild/generation.js';
import { checkWorkflowId, parseInput } from './door.js';

/** What `creditsRebuild` is started with. */
const ledgerName = z.enum(['actions', 'aleph']);
const rebuildInput = z.object({ ledger: ledgerName, dryRun: z.boolean() });
export type RebuildInput = z.output<typeof rebuildInput>;

export interface RangeToRebuild extends AddressRange {
  readonly dryRun: boolean;
}

export interface RangeDone {
  readonly addresses: number;
  /** Rows of the history that were replayed. */
  readonly rows: number;
  readonly differed: number;
  /** The first of those that differed. */
  readonly differing: readonly string[];
}

export interface RebuildActivities {
  /**
   * Gives the ledger's generation, as a text: histories have no integers of that size. `workflowId`: of the workflow that asks, so that
   * there is one at a time per ledger.
   */
  beginRebuild(input: RebuildInput, workflowId?: string): Promise<string>;
  /** The next ranges after an address; none when there is no address left. */
  nextRanges(ledger: LedgerName, after: string): Promise<readonly AddressRange[]>;
  rebuildAddressRange(range: RangeToRebuild): Promise<RangeDone>;
  /** False when history was brought in meanwhile. */
  finishRebuild(ledger: LedgerName, generation: string): Promise<boolean>;
}

const place = z.object({ ledger: ledgerName, after: z.string() });
const rangeToRebuild = z.object({
  ...place.shape,
  through: z.string().nullable(),
  dryRun: z.boolean(),
});
const finish = z.object({ ledger: ledgerName, generation: z.string().regex(/^\d{1,18}$/) });

/** How far an attempt has come; the next one goes on from there, on any worker. */
const position = z.object({
  after: z.string(),
  done: z.object({
    addresses: z.number(),
    rows: z.number(),
    differed: z.number(),
    differing: z.array(z.string()),
  }),
});
type Position = z.output<typeof position>;

/** Heartbeats of the activity, as the worker provides them. */
export interface RebuildContext {
  /** Details of the last heartbeat of the attempt before; undefined at the first attempt. */
  readonly lastHeartbeat: unknown;
  heartbeat(details: Position): void;
  /** Throws when the worker stops; the last heartbeat is kept. */
  throwIfStopping(): void;
}

const NAMED_PER_RANGE = 100;

/** What the worker runs for `creditsRebuild`. */
export function createRebuildActivities(
  pool: Pool,
  contextOf: () => RebuildContext,
): RebuildActivities {
  return {
    beginRebuild: async (input, workflowId) => {
      const { ledger, dryRun } = parseInput(rebuildInput, input);
      checkWorkflowId(creditsRebuildWorkflowId(ledger, dryRun), workflowId);
      return (await beginReplay(pool, ledger)).toString();
    },
    nextRanges: async (ledger, after) => {
      const from = parseInput(place, { ledger, after });
      return planRanges(pool, from.ledger, from.after);
    },
    rebuildAddressRange: async (range) =>
      rebuildOne(pool, parseInput(rangeToRebuild, range), contextOf()).catch(refused),
    finishRebuild: async (ledger, generation) => {
      const finished = parseInput(finish, { ledger, generation });
      return markVerified(pool, finished.ledger, BigInt(finished.generation));
    },
  };
}

async function rebuildOne(
  pool: Pool,
  range: RangeToRebuild,
  context: RebuildContext,
): Promise<RangeDone> {
  const { ledger, through, dryRun } = range;
  const { after, done } = position.safeParse(context.lastHeartbeat).data ?? begun(range);
  const rest = { ledger, after, through };
  for await (const batch of rebuildRange(pool, rest, { dryRun })) {
    done.addresses += batch.addresses;
    done.rows += batch.rows;
    done.differed += batch.differing.length;
    const names = batch.differing.map(({ address }) => address);
    done.differing.push(...names.slice(0, NAMED_PER_RANGE - done.differing.length));
    context.heartbeat({ after: batch.through, done });
    context.throwIfStopping();
  }
  return done;
}

/** 23514: postings and lots would differ. Trying again does not help. */
function refused(error: unknown): never {
  if (error instanceof DatabaseError && error.code === '23514') {
    throw ApplicationFailure.nonRetryable(error.message, 'credits.books_differ');
  }
  throw error;
}

function begun({ after }: AddressRange): Position {
  return { after, done: { addresses: 0, rows: 0, differed: 0, differing: [] } };
}

import { setTimeout as pause } from 'node:timers/promises';
import { brokenRules } from '../../support/books.js';
import { failedChecks, waitUntilIdle } from '../../support/health.js';
import { waitUntil } from '../../support/wait-until.js';
import { type FailpointHits, readFailpointHits } from '../../e2e/failpoint-hits.helper.js';
import type { System } from '../../e2e/system.helper.js';
import { reportedCrashes } from './crashes.js';
import { injectFaults, killNow } from './fault-injection.js';
import { startLoad } from './load.js';
import { brokenBy, type PaymentsAtEnd, readPayments } from './payments-at-end.js';
import { ALL_SCENARIOS, type Scenarios } from './scenarios.js';
import { SeededRandom } from './seeded-random.js';

/** Limit from the last fault until the system is idle, without operator action. */
const RECOVERY_MS = 120_000;

const LOOK_EVERY_MS = 3_000;

const CLIENTS = 8;

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly killProcesses?: boolean;
  /** Also pauses processes and servers for 20 s. */
  readonly pauses?: boolean;
  readonly clients?: number;
  readonly scenarios?: Scenarios;
}

export interface ChaosReport {
  /** The injected faults, each with its time in seconds since the start. */
  readonly faults: readonly string[];
  /** How many of each kind. */
  readonly faultCounts: ReadonlyMap<string, number>;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Seconds from the last fault until nothing was open. */
  readonly recoverySeconds: number;
  /** Failed checks of the doctor during the run (`during the run: `) and at the end, scenarios without an outcome, crashes. */
  readonly failedChecks: readonly string[];
  readonly payments: PaymentsAtEnd;
  /** Since the system was started, like `batchSizes`. */
  readonly failpointHits: FailpointHits;
  /** Number of invoice updates by the size of the batch in which they were applied. */
  readonly batchSizes: ReadonlyMap<number, number>;
}

/** Runs load under faults, then without faults until the system is idle, then the checks of the doctor. */
export async function runChaos(system: System, options: ChaosOptions): Promise<ChaosReport> {
  const { seed, seconds, killProcesses = true, pauses = false } = options;
  const { clients = CLIENTS, scenarios = ALL_SCENARIOS } = options;
  const random = new SeededRandom(seed);
  const faults: string[] = [];
  const startedAt = Date.now();
  const faultCounts = new Map<string, number>();
  const say = (what: string): void => {
    faults.push(`${((Date.now() - startedAt) / 1000).toFixed(1)} ${what}`);
  };
  const report = (kind: string, detail?: string): void => {
    faultCounts.set(kind, (faultCounts.get(kind) ?? 0) + 1);
    say(detail === undefined ? kind : `${kind} ${detail}`);
  };
  const rules = watchRules(system);
  try {
    const load = await startLoad(system, random.fork(), { clients, scenarios });
    const injection = { system, random: random.fork(), killProcesses, pauses, report };
    await injectFaults(injection, startedAt + seconds * 1000);
    say('no more faults');
    const stoppedAt = Date.now();
    await stopFaults(system, killProcesses);
    const unfinished = await load.stop(RECOVERY_MS);
    await waitUntilIdle(system, RECOVERY_MS);
    const recoverySeconds = (Date.now() - stoppedAt) / 1000;
    const payments = await readPayments(system);
    const failed = [
      ...(await rules.stop()),
      ...unfinished,
      ...brokenBy(payments),
      ...(await failedChecks(system)),
      ...(await reportedCrashes(logFilesOf(system), new Date(startedAt))),
    ];
    const failpointHits = await readFailpointHits(system);
    const batchSizes = await readBatchSizes(system);
    const { outcomes } = load;
    return {
      ...{ faults, faultCounts, outcomes, recoverySeconds },
      ...{ failedChecks: failed, payments, failpointHits, batchSizes },
    };
  } catch (error) {
    const injected = `seed ${seed}:\n${faults.join('\n')}`;
    throw new Error(`${injected}\n${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    await rules.stop();
  }
}

function logFilesOf(system: System): string[] {
  return system.all().map(({ spec }) => spec.logFile);
}

/** Checks the rules during the run, not only at the end. */
function watchRules({ pool }: System): { stop: () => Promise<string[]> } {
  const broken = new Set<string>();
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      // Not while PostgreSQL is unavailable.
      for (const rule of await brokenRules(pool).catch(() => []))
        broken.add(`during the run: ${rule}`);
      await pause(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stop.abort();
      await watching;
      return [...broken];
    },
  };
}

/** A message is recorded in the transaction that applies it, so rows of one batch have the same xmin. */
async function readBatchSizes({ pool }: System): Promise<ReadonlyMap<number, number>> {
  const { rows } = await pool.query<{ size: number; updates: number }>(
    `select size, sum(size)::integer as updates from (
       select count(*)::integer as size from applied_messages where consumer = 'payments' group by xmin::text) t
     group by size order by size`,
  );
  return new Map(rows.map(({ size, updates }) => [size, updates]));
}

/** Clears the faults of the node, and restarts processes so that none has failpoints. */
async function stopFaults(system: System, killProcesses: boolean): Promise<void> {
  system.arm([]);
  if (killProcesses) for (const process of system.all()) killNow(process);
  await waitUntil(
    'the node has no faults',
    () =>
      system.node.clearFaults().then(
        () => true,
        () => false,
      ),
    RECOVERY_MS,
  );
}

export function reportLines(seed: number, report: ChaosReport): string[] {
  const scenarios = Object.values(report.outcomes).reduce((sum, count) => sum + count, 0);
  return [
    `seed ${seed}: ${report.faults.length - 1} faults injected, ${scenarios} scenarios ${JSON.stringify(report.outcomes)}`,
    `  faults: ${counts(sorted(report.faultCounts))}`,
    `  payments at the end: ${counts(new Map(Object.entries(report.payments.states)))}`,
    `  spent ${report.payments.spentMsat} msat, received ${report.payments.receivedMsat} msat`,
    `  paid out ${report.payments.paidOutMsat} msat, arrived ${report.payments.arrivedMsat} msat, losses ${report.payments.losses}`,
    `  failpoints: exits ${counts(report.failpointHits.exits)}; waits ${counts(report.failpointHits.waits)}`,
    `  ${batchLine(report.batchSizes)}`,
    `  idle ${report.recoverySeconds.toFixed(1)} s after the last fault`,
    ...report.failedChecks.map((line) => `  FAILED: ${line}`),
  ];
}

function batchLine(batchSizes: ReadonlyMap<number, number>): string {
  const all = [...batchSizes.values()].reduce((sum, updates) => sum + updates, 0);
  const single = batchSizes.get(1) ?? 0;
  return `invoice updates: ${all}, of them ${all - single} in batches, largest batch ${Math.max(0, ...batchSizes.keys())}`;
}

function sorted(hits: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...hits].sort(([a], [b]) => a.localeCompare(b)));
}

function counts(hits: ReadonlyMap<string, number>): string {
  return [...hits].map(([name, times]) => `${name} ${times}`).join(', ') || 'none';
}

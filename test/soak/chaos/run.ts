import { setTimeout as pause } from 'node:timers/promises';
import { brokenRules } from '../../support/books.js';
import { failedChecks, waitUntilIdle } from '../../support/health.js';
import { waitUntil } from '../../support/wait-until.js';
import { crashesTold } from '../../e2e/reported-crashes.helper.js';
import { readStrikes, type Strikes } from '../../e2e/faults.helper.js';
import type { System } from '../../e2e/system.helper.js';
import { Dice } from './dice.js';
import { startLoad } from './load.js';
import { killNow, runScript } from './script.js';

/** From the last mishap on, without a person. */
const RECOVERY_MS = 120_000;

const LOOK_EVERY_MS = 3_000;

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly killProcesses?: boolean;
}

export interface ChaosReport {
  /** What happened, and when, in seconds from the beginning. */
  readonly mishaps: readonly string[];
  readonly outcomes: Readonly<Record<string, number>>;
  /** How long it took until nothing was open any more, in seconds. */
  readonly recoverySeconds: number;
  /** What the doctor found: `meanwhile`, while all this went on, and at the end; stories without an end; crashes. */
  readonly ill: readonly string[];
  /** So far, in the whole life of the system. */
  readonly strikes: Strikes;
  /** Payment facts by how many were applied in one transaction, so far. */
  readonly companies: ReadonlyMap<number, number>;
}

/** Load under mishaps, then peace until all is over, then the doctor. */
export async function runChaos(
  system: System,
  { seed, seconds, killProcesses = true }: ChaosOptions,
): Promise<ChaosReport> {
  const dice = new Dice(seed);
  const mishaps: string[] = [];
  const startedAt = Date.now();
  const tell = (what: string): void => {
    mishaps.push(`${((Date.now() - startedAt) / 1000).toFixed(1)} ${what}`);
  };
  const meanwhile = watchRules(system);
  try {
    const load = await startLoad(system, dice.split());
    const script = { system, dice: dice.split(), killProcesses, tell };
    await runScript(script, startedAt + seconds * 1000);
    tell('peace');
    const peaceAt = Date.now();
    await makePeace(system, killProcesses);
    const unaccounted = await load.stop(RECOVERY_MS);
    await waitUntilIdle(system, RECOVERY_MS);
    const recoverySeconds = (Date.now() - peaceAt) / 1000;
    const ill = [
      ...(await meanwhile.stop()),
      ...unaccounted,
      ...(await failedChecks(system)),
      ...(await crashesTold(logFilesOf(system), new Date(startedAt))),
    ];
    const strikes = await readStrikes(system);
    const companies = await readCompanies(system);
    return { mishaps, outcomes: load.outcomes, recoverySeconds, ill, strikes, companies };
  } catch (error) {
    const told = `seed ${seed}:\n${mishaps.join('\n')}`;
    throw new Error(`${told}\n${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    await meanwhile.stop();
  }
}

function logFilesOf(system: System): string[] {
  return system.all().map(({ spec }) => spec.logFile);
}

/** The rules hold at every moment, not only at the end. */
function watchRules({ pool }: System): { stop: () => Promise<string[]> } {
  const broken = new Set<string>();
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      // While PostgreSQL is away nothing can be seen.
      for (const rule of await brokenRules(pool).catch(() => [])) broken.add(`meanwhile: ${rule}`);
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

/** A message is remembered in the transaction that applies it. */
async function readCompanies({ pool }: System): Promise<ReadonlyMap<number, number>> {
  const { rows } = await pool.query<{ size: number; facts: number }>(
    `select size, sum(size)::integer as facts from (
       select count(*)::integer as size from applied_messages where consumer = 'invoice-facts' group by xmin::text) t
     group by size order by size`,
  );
  return new Map(rows.map(({ size, facts }) => [size, facts]));
}

/** No faults, and nobody goes on with a failpoint. */
async function makePeace(system: System, killProcesses: boolean): Promise<void> {
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
  const stories = Object.values(report.outcomes).reduce((sum, count) => sum + count, 0);
  return [
    `seed ${seed}: ${report.mishaps.length - 1} mishaps, ${stories} stories ${JSON.stringify(report.outcomes)}`,
    `  failpoints: died ${counts(report.strikes.deaths)}; waited ${counts(report.strikes.waits)}`,
    `  ${companyLine(report.companies)}`,
    `  at rest ${report.recoverySeconds.toFixed(1)} s after the last mishap`,
    ...report.ill.map((line) => `  ILL: ${line}`),
  ];
}

function companyLine(companies: ReadonlyMap<number, number>): string {
  const all = [...companies.values()].reduce((sum, facts) => sum + facts, 0);
  const alone = companies.get(1) ?? 0;
  return `payment facts: ${all}, of them ${all - alone} in company, at most ${Math.max(0, ...companies.keys())} at once`;
}

function counts(strikes: ReadonlyMap<string, number>): string {
  return [...strikes].map(([name, times]) => `${name} ${times}`).join(', ') || 'nowhere';
}

import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Supervised } from '../../../services/cli/up/supervised.js';

/** What one process holds at one moment. Sizes in MiB. */
interface Sample {
  readonly pid: number;
  readonly rss: number;
  readonly heap: number;
  /** Open file descriptors: connections, files, pipes. */
  readonly fds: number;
  /** What libuv keeps open. */
  readonly handles: number;
}

export interface Trend {
  readonly process: string;
  readonly samples: number;
  /** The medians of the second and of the last quarter: the first warms up. */
  readonly from: Omit<Sample, 'pid'>;
  readonly to: Omit<Sample, 'pid'>;
}

const SAMPLE_MS = 2_000;
const MIB = 1024 * 1024;

/** Looks at every process again and again, until it is stopped. */
export class LeakWatch {
  readonly #samples = new Map<Supervised, Sample[]>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(processes: readonly Supervised[]) {
    for (const one of processes) this.#samples.set(one, []);
    this.#done = this.#run();
  }

  async stop(): Promise<Trend[]> {
    this.#stop.abort();
    await this.#done;
    return [...this.#samples].map(([{ spec }, samples]) => trendOf(spec.logFile, samples));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const [process, samples] of this.#samples) {
        const sample = await sampleOf(process).catch(() => undefined);
        if (sample !== undefined) samples.push(sample);
      }
      await pause(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function sampleOf({ pid, url }: Supervised): Promise<Sample | undefined> {
  if (pid === undefined) return undefined;
  const [status, fds, response] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readdir(`/proc/${pid}/fd`),
    fetch(`${url}/metrics`, { signal: AbortSignal.timeout(SAMPLE_MS) }),
  ]);
  const metrics = await response.text();
  const gauge = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? NaN);
  return {
    pid,
    rss: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) / 1024,
    heap: gauge('nodejs_heap_size_used_bytes') / MIB,
    fds: fds.length,
    handles: gauge('nodejs_active_handles_total'),
  };
}

function trendOf(logFile: string, all: readonly Sample[]): Trend {
  // One that was started anew has nothing of the one before.
  const samples = all.filter(({ pid }) => pid === all.at(-1)?.pid);
  const quarter = Math.floor(samples.length / 4);
  return {
    process: logFile.replace(/^.*\/|\.log$/g, ''),
    samples: samples.length,
    from: typical(samples.slice(quarter, 2 * quarter)),
    to: typical(samples.slice(samples.length - quarter)),
  };
}

function typical(samples: readonly Sample[]): Omit<Sample, 'pid'> {
  const median = (pick: (sample: Sample) => number): number =>
    samples.map(pick).sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? NaN;
  return {
    rss: median(({ rss }) => rss),
    // What is left after a collection: its size before one says little.
    heap: Math.min(...samples.map(({ heap }) => heap)),
    fds: median(({ fds }) => fds),
    handles: median(({ handles }) => handles),
  };
}

/** Growth that is no leak: caches fill, and V8 takes its time. */
const ALLOWED = { rss: 40, heap: 15, fds: 6, handles: 6 };

/** What has grown by more than is allowed. */
export function leaksIn(trends: readonly Trend[]): string[] {
  return trends.flatMap(({ process, from, to }) =>
    (['rss', 'heap', 'fds', 'handles'] as const)
      .filter((what) => !(to[what] - from[what] <= ALLOWED[what]))
      .map((what) => `${process}: ${what} from ${from[what].toFixed(1)} to ${to[what].toFixed(1)}`),
  );
}

export function trendRows(trends: readonly Trend[]): string[][] {
  const both = (from: number, to: number): string => `${from.toFixed(0)} → ${to.toFixed(0)}`;
  return [
    ['process', 'samples', 'RSS MiB', 'heap MiB', 'fds', 'handles'],
    ...trends.map(({ process, samples, from, to }) => [
      process,
      String(samples),
      both(from.rss, to.rss),
      both(from.heap, to.heap),
      both(from.fds, to.fds),
      both(from.handles, to.handles),
    ]),
  ];
}

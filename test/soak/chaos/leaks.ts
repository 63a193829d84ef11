import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Supervised } from '../../../services/cli/up/supervised.js';

/** What one process holds. Sizes in MiB. */
interface Held {
  /** Resident and its own: pages of the program's file come and go as the kernel likes. */
  readonly anonymous: number;
  /** Of the main thread, after a collection. */
  readonly heap: number;
  /** Open file descriptors: connections, files, pipes. */
  readonly fds: number;
  /** What libuv keeps open. */
  readonly handles: number;
}

export interface Sample extends Held {
  readonly pid: number;
  readonly atMs: number;
}

/** By lines through the samples: what a process held at first, when it was warm, and at the end. */
export interface Trend {
  readonly process: string;
  readonly samples: number;
  readonly first: Held;
  /** Half of the time is for warming up: what fills (caches, pools, V8's heap) is full by then; a leak goes on. */
  readonly from: Held;
  readonly to: Held;
}

const SAMPLE_MS = 2_000;
const MIB = 1024 * 1024;

/** Looks at every process again and again, until it is stopped. */
export class LeakWatch {
  readonly #samples = new Map<Supervised, Sample[]>();
  readonly #deaths: string[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(processes: readonly Supervised[]) {
    for (const one of processes) this.#samples.set(one, []);
    this.#done = this.#run();
  }

  /** Processes that ended while they were watched, with what they said last. */
  get deaths(): readonly string[] {
    return this.#deaths;
  }

  async stop(): Promise<Trend[]> {
    this.#stop.abort();
    await this.#done;
    return [...this.#samples].map(([process, samples]) => trendOf(nameOf(process), samples));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const [process, samples] of this.#samples) {
        const sample = await sampleOf(process).catch(() => undefined);
        if (sample === undefined) continue;
        const before = samples.at(-1)?.pid;
        if (before !== undefined && before !== sample.pid) {
          this.#deaths.push(await lastWords(process.spec.logFile, before));
        }
        samples.push(sample);
      }
      await pause(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

const LAST_LINES = 5;
const LONGEST_LINE = 600;

async function lastWords(logFile: string, pid: number): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
  const last = lines.findLastIndex((line) => line.includes(`"pid":${pid},`));
  // What is not JSON after it is what the process died of.
  const end = lines.findIndex((line, n) => n > last && line.startsWith('{'));
  const words = lines.slice(0, end === -1 ? lines.length : end).slice(-LAST_LINES);
  return [`${logFile}, process ${pid}:`, ...words.map((line) => line.slice(0, LONGEST_LINE))].join(
    '\n',
  );
}

export async function sampleOf({ pid, url }: Supervised): Promise<Sample | undefined> {
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
    atMs: Date.now(),
    anonymous: Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) / 1024,
    heap: gauge('nodejs_heap_size_used_bytes') / MIB,
    fds: fds.length,
    handles: gauge('nodejs_active_handles_total'),
  };
}

/** There are two of some services. */
export function nameOf({ spec }: Supervised): string {
  return basename(spec.logFile, '.log');
}

export function trendOf(process: string, all: readonly Sample[]): Trend {
  // One that was started anew has nothing of the one before.
  const samples = all.filter(({ pid }) => pid === all.at(-1)?.pid);
  const half = Math.floor(samples.length / 2);
  const warming = lineEnds(samples.slice(0, half));
  const warm = lineEnds(samples.slice(half));
  return {
    process,
    samples: samples.length,
    first: warming.begin,
    from: warm.begin,
    to: warm.end,
  };
}

/** Where a line through the samples begins and ends. */
function lineEnds(samples: readonly Sample[]): { readonly begin: Held; readonly end: Held } {
  const times = samples.map(({ atMs }) => atMs);
  // What is left after a collection: the heap's size before one says little.
  const heaps = samples.map((_, n) => Math.min(...samples.slice(n, n + NEXT).map((s) => s.heap)));
  const [anonymous, heap, fds, handles] = [
    fit(
      times,
      samples.map((s) => s.anonymous),
    ),
    fit(times, heaps),
    fit(
      times,
      samples.map((s) => s.fds),
    ),
    fit(
      times,
      samples.map((s) => s.handles),
    ),
  ];
  const at = (ms: number): Held => ({
    anonymous: anonymous(ms),
    heap: heap(ms),
    fds: fds(ms),
    handles: handles(ms),
  });
  return { begin: at(times[0] ?? NaN), end: at(times.at(-1) ?? NaN) };
}

/** Samples in which there is a collection. */
const NEXT = 10;

/** The line of the median slope (Theil and Sen's): single peaks do not move it. */
function fit(times: readonly number[], values: readonly number[]): (ms: number) => number {
  const points = times.map((ms, n) => ({ ms, value: values[n] ?? NaN }));
  const slopes = points.flatMap((later, n) =>
    points.slice(0, n).map((one) => (later.value - one.value) / (later.ms - one.ms)),
  );
  const slope = median(slopes);
  const offset = median(points.map(({ ms, value }) => value - slope * ms));
  return (ms) => offset + slope * ms;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

/** Growth of a warm process, in MiB, that may be chance, however long it was watched: the longer, the finer. */
const ALLOWED = { anonymous: 15, heap: 8 };

/** Whose memory has grown by more than is allowed. */
export function leaksIn(trends: readonly Trend[]): string[] {
  return trends.flatMap(({ process, from, to }) =>
    (['anonymous', 'heap'] as const)
      .filter((what) => !(to[what] - from[what] <= ALLOWED[what]))
      .map((what) => `${process}: ${what} from ${from[what].toFixed(1)} to ${to[what].toFixed(1)}`),
  );
}

export function trendRows(trends: readonly Trend[]): string[][] {
  return [
    ['process', 'samples', 'memory MiB', 'heap MiB', 'fds', 'handles'],
    ...trends.map(({ process, samples, first, from, to }) => {
      const line = (pick: (held: Held) => number): string =>
        [first, from, to].map((held) => pick(held).toFixed(0)).join(' → ');
      return [
        process,
        String(samples),
        line(({ anonymous }) => anonymous),
        line(({ heap }) => heap),
        line(({ fds }) => fds),
        line(({ handles }) => handles),
      ];
    }),
  ];
}

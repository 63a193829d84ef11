import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Supervised } from '../../../services/cli/up/supervised.js';
import { heapAfterCollection, inspectorUrl } from './heap-after-collection.js';

const KINDS = ['memory', 'heap', 'fds', 'handles'] as const;

/**
 * What an idle process retains after a garbage collection. `memory` is its anonymous resident memory and `heap` the heaps of all its
 * threads, both in MiB; `fds` are open file descriptors, `handles` the active handles of libuv.
 */
export type Retained = Readonly<Record<(typeof KINDS)[number], number>>;

/** By name of process. */
export type RetainedByProcess = ReadonlyMap<string, Retained>;

/** Longer than either side keeps an idle connection. */
const IDLE_MS = 90_000;
/** Time for V8 to return collected memory to the system. */
const COLLECTED_MS = 10_000;
const EVERY_MS = 2_000;
const MIB = 1024 * 1024;

/**
 * Measures idle processes. Under load, connections depend on the number of concurrent calls and heaps contain garbage, which says
 * nothing about leaks. Idle connections are closed after a while, and garbage is collected on demand.
 */
export async function measureRetained(
  processes: readonly Supervised[],
): Promise<RetainedByProcess> {
  const idle = await minimumOf(processes, IDLE_MS);
  const heaps = new Map<Supervised, number>();
  for (const process of processes) {
    const url = inspectorUrl(await readFile(process.spec.logFile, 'utf8'));
    heaps.set(process, (await heapAfterCollection(url)) / MIB);
  }
  const collected = await minimumOf(processes, COLLECTED_MS);
  return new Map(
    processes.map((process) => {
      const { fds = NaN, handles = NaN } = idle.get(process) ?? {};
      const { memory = NaN } = collected.get(process) ?? {};
      return [nameOf(process), { memory, heap: heaps.get(process) ?? NaN, fds, handles }];
    }),
  );
}

type Sample = Omit<Retained, 'heap'>;

/** The minimum of each value within `forMs`. */
async function minimumOf(
  processes: readonly Supervised[],
  forMs: number,
): Promise<ReadonlyMap<Supervised, Sample>> {
  const least = new Map<Supervised, Sample>();
  const until = Date.now() + forMs;
  while (Date.now() < until) {
    for (const process of processes) {
      const now = await sampleOf(process);
      const before = least.get(process) ?? now;
      least.set(process, {
        memory: Math.min(before.memory, now.memory),
        fds: Math.min(before.fds, now.fds),
        handles: Math.min(before.handles, now.handles),
      });
    }
    await pause(EVERY_MS);
  }
  return least;
}

async function sampleOf({ pid, url }: Supervised): Promise<Sample> {
  const [status, fds, response] = await Promise.all([
    readFile(`/proc/${pid ?? '?'}/status`, 'utf8'),
    readdir(`/proc/${pid ?? '?'}/fd`),
    fetch(`${url}/metrics`, { signal: AbortSignal.timeout(EVERY_MS) }),
  ]);
  const gauge = /^nodejs_active_handles_total (\S+)$/m.exec(await response.text())?.[1];
  return {
    memory: Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) / 1024,
    fds: fds.length,
    handles: Number(gauge ?? NaN),
  };
}

/** Like the log file: some services run twice. */
function nameOf({ spec }: Supervised): string {
  return basename(spec.logFile, '.log');
}

/** Allowed growth: connections that are opened on first use, and memory that the allocator does not return. */
const ALLOWED: Retained = { memory: 15, heap: 3, fds: 5, handles: 5 };

/** A line for each process and value that grew by more than is allowed. */
export function grownSince(before: RetainedByProcess, after: RetainedByProcess): string[] {
  return [...after].flatMap(([process, now]) => {
    const was = before.get(process);
    return KINDS.filter((kind) => !(now[kind] - (was?.[kind] ?? NaN) <= ALLOWED[kind])).map(
      (kind) => `${process}: retained ${kind} from ${shown(was?.[kind])} to ${shown(now[kind])}`,
    );
  });
}

/** A table with what each process retained after each part of a run. */
export function retainedRows(parts: readonly RetainedByProcess[]): string[][] {
  const names = [...(parts[0]?.keys() ?? [])];
  const line = (process: string, kind: keyof Retained): string =>
    parts.map((part) => shown(part.get(process)?.[kind])).join(' → ');
  return [
    ['retained', 'memory MiB', 'heap MiB', 'fds', 'handles'],
    ...names.map((process) => [process, ...KINDS.map((kind) => line(process, kind))]),
  ];
}

function shown(value: number | undefined): string {
  return value === undefined ? '?' : String(Math.round(value * 10) / 10);
}

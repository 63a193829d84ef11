import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Supervised } from '../../../services/cli/up/supervised.js';
import { heapAfterCollection, inspectorUrl } from './heap-after-collection.js';

const KINDS = ['memory', 'heap', 'fds', 'handles'] as const;

/**
 * What a process holds when nothing is being done and all garbage is collected. `memory` is resident and its own, `heap` that of all
 * threads, both in MiB; `fds` are open descriptors, `handles` what libuv keeps open.
 */
export type Held = Readonly<Record<(typeof KINDS)[number], number>>;

/** By the names of processes. */
export type HeldByEach = ReadonlyMap<string, Held>;

/** Longer than an idle connection is kept, by either side. */
const IDLE_MS = 90_000;
/** In which the system gets back what was collected. */
const COLLECTED_MS = 10_000;
const EVERY_MS = 2_000;
const MIB = 1024 * 1024;

/**
 * Under load as many connections are open as calls are made at once, and a heap is as large as what nobody has collected yet, which
 * says nothing. At rest connections are closed one after the other, and garbage is collected on demand.
 */
export async function heldAtRest(processes: readonly Supervised[]): Promise<HeldByEach> {
  const idle = await leastOf(processes, IDLE_MS);
  const heaps = new Map<Supervised, number>();
  for (const process of processes) {
    const url = inspectorUrl(await readFile(process.spec.logFile, 'utf8'));
    heaps.set(process, (await heapAfterCollection(url)) / MIB);
  }
  const collected = await leastOf(processes, COLLECTED_MS);
  return new Map(
    processes.map((process) => {
      const { fds = NaN, handles = NaN } = idle.get(process) ?? {};
      const { memory = NaN } = collected.get(process) ?? {};
      return [nameOf(process), { memory, heap: heaps.get(process) ?? NaN, fds, handles }];
    }),
  );
}

type Sample = Omit<Held, 'heap'>;

/** The least of each that is seen within a time. */
async function leastOf(
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

/** There are two of some services. */
function nameOf({ spec }: Supervised): string {
  return basename(spec.logFile, '.log');
}

/** What may be opened once and kept, like a connection to a server that is asked for the first time; what an allocator does not give back. */
const ALLOWED: Held = { memory: 15, heap: 3, fds: 5, handles: 5 };

/** Who holds more than before, and of what, by more than is allowed. */
export function grownSince(before: HeldByEach, after: HeldByEach): string[] {
  return [...after].flatMap(([process, now]) => {
    const was = before.get(process);
    return KINDS.filter((kind) => !(now[kind] - (was?.[kind] ?? NaN) <= ALLOWED[kind])).map(
      (kind) => `${process}: ${kind} at rest from ${shown(was?.[kind])} to ${shown(now[kind])}`,
    );
  });
}

/** What each held at the end of each part. */
export function heldRows(parts: readonly HeldByEach[]): string[][] {
  const names = [...(parts[0]?.keys() ?? [])];
  const line = (process: string, kind: keyof Held): string =>
    parts.map((part) => shown(part.get(process)?.[kind])).join(' → ');
  return [
    ['at rest', 'memory MiB', 'heap MiB', 'fds', 'handles'],
    ...names.map((process) => [process, ...KINDS.map((kind) => line(process, kind))]),
  ];
}

function shown(value: number | undefined): string {
  return value === undefined ? '?' : String(Math.round(value * 10) / 10);
}

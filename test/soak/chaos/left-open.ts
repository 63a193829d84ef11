import { setTimeout as pause } from 'node:timers/promises';
import type { Supervised } from '../../../services/cli/up/supervised.js';
import { nameOf, type Sample, sampleOf } from './leaks.js';

type Held = Pick<Sample, 'fds' | 'handles'>;

/** What processes have open when nothing is being done, by their names. */
export type Open = ReadonlyMap<string, Held>;

const UNKNOWN: Held = { fds: NaN, handles: NaN };

/** Longer than an idle connection is kept, by either side. */
const IDLE_MS = 90_000;
const EVERY_MS = 2_000;

/**
 * The least that each has open within a while of rest. Under load as many connections are open as calls are made at once, which
 * says nothing; at rest they are closed, one after the other.
 */
export async function openAtRest(processes: readonly Supervised[]): Promise<Open> {
  const least = new Map<string, Held>();
  const until = Date.now() + IDLE_MS;
  while (Date.now() < until) {
    for (const process of processes) {
      const { fds, handles } = (await sampleOf(process)) ?? UNKNOWN;
      const before = least.get(nameOf(process)) ?? { fds, handles };
      least.set(nameOf(process), {
        fds: Math.min(before.fds, fds),
        handles: Math.min(before.handles, handles),
      });
    }
    await pause(EVERY_MS);
  }
  return least;
}

/** What is opened once and kept, like a connection to a server that is asked for the first time. */
const ALLOWED = 5;

/** What was opened since and not closed. */
export function leftOpen(before: Open, after: Open): string[] {
  return [...after].flatMap(([process, now]) => {
    const was = before.get(process) ?? UNKNOWN;
    return (['fds', 'handles'] as const)
      .filter((what) => !(now[what] - was[what] <= ALLOWED))
      .map((what) => `${process}: ${what} at rest from ${was[what]} to ${now[what]}`);
  });
}

export function openRows(before: Open, after: Open): string[][] {
  return [
    ['process', 'fds at rest', 'handles at rest'],
    ...[...after].map(([process, now]) => {
      const was = before.get(process);
      return [
        process,
        `${was?.fds ?? '?'} → ${now.fds}`,
        `${was?.handles ?? '?'} → ${now.handles}`,
      ];
    }),
  ];
}

import { readFile, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { processIdentity } from './process-identity.js';
import { untilGone } from './until.js';

const signals = ['SIGTERM', 'SIGINT'] as const;

const pidFile = z.object({
  pid: z.int().positive(),
  identity: z.string(),
  stopSignal: z.enum(signals),
});

export type StopSignal = (typeof signals)[number];
export type RunningProcess = z.output<typeof pidFile>;

export async function writePidFile(
  file: string,
  pid: number,
  stopSignal: StopSignal,
): Promise<void> {
  const identity = await processIdentity(pid);
  // It has ended already; its exit event reports that.
  if (identity === undefined) return;
  await writeFile(file, JSON.stringify({ pid, identity, stopSignal } satisfies RunningProcess));
}

/** The process in the file, if it still runs and its number does not belong to another process now. */
export async function runningProcessOf(file: string): Promise<RunningProcess | undefined> {
  const parsed = pidFile.safeParse(await readJson(file));
  if (!parsed.success) return undefined;
  const identity = await processIdentity(parsed.data.pid);
  return identity === parsed.data.identity ? parsed.data : undefined;
}

/** Stops the process in the file, if it still runs, and removes the file. Gives its number. */
export async function stopLeftOver(file: string): Promise<number | undefined> {
  const running = await runningProcessOf(file);
  if (running !== undefined) {
    process.kill(running.pid, running.stopSignal);
    if (!(await untilGone(running, 15_000))) {
      process.kill(running.pid, 'SIGKILL');
      await untilGone(running, 5_000);
    }
  }
  await rm(file, { force: true });
  return running?.pid;
}

async function readJson(file: string): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return value;
  } catch {
    return undefined;
  }
}

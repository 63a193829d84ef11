import { cp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LightningBinaries } from './binaries.js';

/** Beside the program that made it: another version makes its own. */
function snapshotOf({ lnd }: LightningBinaries): string {
  return join(dirname(lnd.path), 'network-2');
}

/** Whether the folder has a network: its own, or a copy of the snapshot. */
export async function copySnapshot(binaries: LightningBinaries, folder: string): Promise<boolean> {
  if (await exists(join(folder, 'alice'))) return true;
  if (!(await exists(snapshotOf(binaries)))) return false;
  await cp(snapshotOf(binaries), folder, { recursive: true });
  return true;
}

export async function saveSnapshot(binaries: LightningBinaries, folder: string): Promise<void> {
  const target = snapshotOf(binaries);
  const half = `${target}.${process.pid}`;
  try {
    await cp(folder, half, { recursive: true });
    // Another process may have been first.
    await rename(half, target).catch(() => undefined);
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

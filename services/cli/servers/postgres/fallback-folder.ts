import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where PostgreSQL's data is when its user cannot enter the data folder. */
export function fallbackFolder(dataDir: string): string {
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12);
  return join('/var/tmp', `quittance-${hash}`);
}

/** Creates it. Every user may write in /var/tmp, so a folder of another user is refused. */
export async function createFallbackFolder(dataDir: string): Promise<string> {
  const folder = fallbackFolder(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${folder} exists and belongs to another user: remove it and start again`);
  }
  return folder;
}

import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where data goes that PostgreSQL's user must reach while the data folder is closed to it. */
export function placeElsewhere(dataDir: string): string {
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12);
  return join('/var/tmp', `quittance-${hash}`);
}

/** Makes the place. Anybody may write in /var/tmp, so one that is not ours is refused. */
export async function makePlaceElsewhere(dataDir: string): Promise<string> {
  const place = placeElsewhere(dataDir);
  await mkdir(place, { recursive: true, mode: 0o755 });
  const found = await lstat(place);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${place} is there, and not ours: remove it`);
  }
  return place;
}

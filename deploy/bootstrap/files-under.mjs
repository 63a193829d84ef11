import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Files whose names end so, in the folder and below, always in the same order. */
export function filesUnder(folder, end) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(end))
    .sort()
    .map((name) => join(folder, name));
}

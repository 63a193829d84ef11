import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesUnder, root } from './paths.mjs';

/** Stops servers that tests left running in this folder. Returns one failure per server. */
export async function stopLeftServers(scratch) {
  const pidFile = join(root, 'dist', 'services', 'cli', 'servers', 'pid-file.js');
  const { stopLeftOver } = await import(pathToFileURL(pidFile).href);
  const failures = [];
  for (const file of filesUnder(scratch, '.pid')) {
    const pid = await stopLeftOver(file);
    if (pid !== undefined) failures.push(`left running by the tests: ${file} (pid ${pid})`);
  }
  return failures;
}

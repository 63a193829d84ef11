import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where servers that were built or downloaded are kept for all clones of one person. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const xdg = env['XDG_CACHE_HOME']?.trim() ?? '';
  const home = env['HOME']?.trim() ?? '';
  const base = xdg === '' ? join(home === '' ? homedir() : home, '.cache') : xdg;
  return join(base, 'quittance', 'servers');
}

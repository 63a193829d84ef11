import { hostname, userInfo } from 'node:os';
import type { Act } from '../../engine/audit.js';

/** An act of the command line in the audit: who can reach the database is known to the machine only. */
export function actOfCommandLine(
  act: string,
  about: Pick<Act, 'target' | 'because' | 'detail'> = {},
): Act {
  return {
    ...{ actor: userName(), role: 'command line', via: 'cli', address: hostname(), act },
    ...about,
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

import { readFile, writeFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { ensureOperatorToken } from '../../../engine/accounts/operator-token.js';
import { newToken } from '../../../engine/accounts/tokens.js';

/** The development operator's API token: made at the first start, then kept in a file of mode 0600. */
export async function operatorToken(file: string, pool: Pool): Promise<string> {
  const token = (await readIfThere(file)) ?? newToken();
  await ensureOperatorToken(pool, token);
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

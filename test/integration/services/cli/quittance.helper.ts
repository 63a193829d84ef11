import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { auditCommands } from '../../../../services/cli/audited.js';
import { runCommand } from '../../../../services/cli/run-command.js';
import { migratedDatabase, type OwnDatabase } from '../../../support/empty-database.js';

const NOTHING = '00000000-0000-4000-8000-000000000000';
const SINCE = '2026-01-31T12:00:00Z';
const WHY = ['--because', 'a test'];
/** Arguments with which each command begins its work; what it works on need not be there. */
export const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'action show': [NOTHING],
  'action retry': [NOTHING],
  'action cancel': [NOTHING],
  'action decide': [NOTHING, '--preimage', 'ab'.repeat(32)],
  'credits rebuild': ['--ledger', 'aleph', '--address', '0xa', '--dry-run'],
  'credits verify': ['--address', '0xa'],
  'credits policy': ['aleph', 'expiration', '2099-01-01T00:00:00Z'],
  'deadletters list': ['--stream', 'PAYMENTS'],
  'deadletters replay': ['999999999'],
  'deadletters acknowledge': ['999999999', '999999998', ...WHY],
  'dev reset': ['--satellite'],
  differences: ['--since', SINCE],
  'intake close': ['shop'],
  'intake deadletters': ['shop'],
  'intake erase': ['shop', '--email', 'somebody@example.org'],
  'intake incidents': ['--all'],
  'intake reconcile': ['shop', '--since', SINCE],
  'intake replay': ['shop', '--preview'],
  'intake rotate': [],
  'intake slips': ['shop'],
  'epoch raise': ['--because', 'a test'],
  'maintenance on': WHY,
  'maintenance off': [],
  'operator create': ['anna', '--role', 'support'],
  'operator token': ['anna', '--days', '3'],
  'operator freeze': ['anna', ...WHY],
  'operator unfreeze': ['anna', ...WHY],
  'operator revoke': ['anna', ...WHY],
  'operator list': [],
  'operator tokens': ['anna'],
  'operator audit': ['--actor', 'anna'],
  'trust recompute': ['valley'],
  'trust seed': ['anna'],
};

/** Commands run on a database of the file's own, and find no node. */
export function useCommandLine(): () => OwnDatabase {
  let database: OwnDatabase;
  beforeAll(async () => {
    database = await migratedDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    vi.stubEnv('DATABASE_URL', database.url);
    vi.stubEnv('QUITTANCE_LIGHTNING_URL', 'http://127.0.0.1:1');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  return () => database;
}

/** As from a shell: its exit code, and what it said. */
export async function quittance(
  program: Command,
  ...args: readonly string[]
): Promise<{ exitCode: number; said: string }> {
  const texts: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      texts.push(String(text));
      return true;
    });
  }
  const audited = auditCommands(program);
  await runCommand(program, ['node', 'quittance', ...args]);
  await audited.answer();
  const exitCode = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  vi.restoreAllMocks();
  return { exitCode, said: texts.join('') };
}

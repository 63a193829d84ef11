import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import { shownText } from '../../domain/storable.js';
import { type Act, audit } from '../../engine/audit.js';
import { EXIT } from './exit-codes.js';
import { CommandError, messageOf } from './run-command.js';
import { withPool } from './with-pool.js';

/** `change`: two rows, the second says with which exit code it ended. `read`: it shows what is private. */
type Audited = 'change' | 'read' | 'nothing';

/** What the audit holds of each command. A command that is not here does not run. */
export const AUDITED: Readonly<Record<string, Audited>> = {
  'action show': 'read',
  'action retry': 'change',
  'action cancel': 'change',
  'action decide': 'change',
  'credits rebuild': 'change',
  // It marks a ledger as verified.
  'credits verify': 'change',
  'credits policy': 'change',
  // On a scratch schema.
  'credits vectors': 'nothing',
  'deadletters list': 'read',
  'deadletters replay': 'change',
  'deadletters acknowledge': 'change',
  'dev reset': 'change',
  // It shows whose money is missing.
  differences: 'read',
  'deploy check': 'nothing',
  // It shows ids and counts, and has to look when little else works.
  doctor: 'nothing',
  'epoch show': 'nothing',
  'epoch raise': 'change',
  'intake close': 'change',
  'intake deadletters': 'read',
  // It shows due times and errors.
  'intake doctor': 'nothing',
  'intake erase': 'change',
  // It shows percentages.
  'intake evaluate': 'nothing',
  'intake incidents': 'read',
  'intake reconcile': 'change',
  'intake replay': 'change',
  'intake rotate': 'change',
  'intake slips': 'change',
  'keys new': 'nothing',
  'maintenance on': 'change',
  'maintenance off': 'change',
  'operator create': 'change',
  'operator token': 'change',
  'operator revoke': 'change',
  'operator freeze': 'change',
  'operator unfreeze': 'change',
  'operator list': 'read',
  'operator tokens': 'read',
  'operator audit': 'read',
  'trust recompute': 'change',
  'trust seed': 'change',
  // There may be no audit yet. What was applied stands in schema_migrations.
  migrate: 'nothing',
  prepare: 'nothing',
  upgrade: 'nothing',
  // They start and stop processes, or receive what is broadcast.
  ...{ up: 'nothing', down: 'nothing', status: 'nothing', env: 'nothing', servers: 'nothing' },
  'sdk-types': 'nothing',
  ...{ satellite: 'nothing', 'satellite listen': 'nothing' },
};

/** Options that say what was done. Secrets and what belongs to persons are not among them: the audit cannot be erased. */
const TOLD = [
  ...['role', 'scopes', 'days', 'label', 'token', 'stream', 'all', 'ledger', 'address', 'dryRun'],
  ...['failed', 'feeMsat', 'order', 'before', 'since', 'again', 'preview', 'satellite', 'store'],
];

/** Writes commands to the audit before they run: what cannot be audited is not done. Added after all commands. */
export function auditCommands(program: Command): { answer: () => Promise<void> } {
  let begun: { readonly act: Act; readonly id: bigint } | undefined;
  program.hook('preAction', async (_program, command) => {
    const words = wordsOf(command);
    const kind = AUDITED[words];
    if (kind === undefined) throw new Error(`${words} is missing in services/cli/audited.ts`);
    if (kind === 'nothing') return;
    const act = actOf(words, command);
    const id = await write(act);
    if (kind === 'change') begun = { act, id };
  });
  return {
    answer: async () => {
      if (begun === undefined) return;
      const exitCode = process.exitCode ?? EXIT.well;
      const detail = { exitCode, of: begun.id.toString() };
      await write({ ...begun.act, act: 'answered', detail }).catch((error: unknown) => {
        process.stderr.write(`quittance: how it ended is not audited: ${messageOf(error)}\n`);
      });
    },
  };
}

/** Like `credits policy`. */
export function wordsOf(command: Command): string {
  const { parent } = command;
  const above = parent === null ? '' : wordsOf(parent);
  if (parent === null) return '';
  return above === '' ? command.name() : `${above} ${command.name()}`;
}

function actOf(words: string, command: Command): Act {
  const options: Readonly<Record<string, unknown>> = command.opts();
  const { because } = options;
  const told = Object.entries(options).filter(
    ([name, value]) => TOLD.includes(name) && value !== false,
  );
  return {
    ...{ actor: userName(), role: 'command line', via: 'cli', address: hostname(), act: words },
    target: shownText(command.args.join('/')),
    ...(typeof because === 'string' ? { because: shownText(because) } : {}),
    detail: Object.fromEntries(told.map(([name, value]) => [name, shownValue(value)])),
  };
}

function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return shownText(value);
  return typeof value === 'bigint' ? value.toString() : value;
}

async function write(act: Act): Promise<bigint> {
  try {
    return await withPool((pool) => audit(pool, act));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      `the audit could not be written, so nothing was done: ${messageOf(error)}`,
      'check DATABASE_URL, its user’s rights, and that migrations are applied (quittance migrate --status)',
      { cause: error, exitCode: EXIT.notLooked },
    );
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

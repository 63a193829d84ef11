import { Argument, type Command, Option } from 'commander';
import type { LedgerName } from '../../../domain/credits/lot.js';
import type { DrainOrder } from '../../../domain/credits/drain-policy.js';

const LEDGERS: readonly LedgerName[] = ['actions', 'aleph'];
const ORDERS: readonly DrainOrder[] = ['emission', 'expiration'];

interface WhichOptions {
  readonly ledger?: LedgerName;
  readonly address?: string;
}

/** The code of each command is loaded only when it runs, so that other commands start faster. */
export function addCredits(program: Command): void {
  const credits = program.command('credits').description('manage the credit ledgers');
  const which = (command: Command): Command =>
    command
      .addOption(new Option('--ledger <ledger>', 'only this ledger').choices(LEDGERS))
      .option('--address <address>', 'only this address');
  which(
    credits
      .command('rebuild')
      .description(
        'rebuild lots from the history: a whole ledger on the workers, one address right here',
      ),
  )
    .option('--dry-run', 'show what would change, and write nothing')
    .action(async ({ dryRun = false, ...options }: WhichOptions & { dryRun?: boolean }) => {
      const { rebuildCommand } = await import('../credits/ledger-command.js');
      await rebuildCommand(options, dryRun, say);
    });
  which(
    credits
      .command('verify')
      .description('compare lots with the history; fails if any address differs'),
  ).action(async (options: WhichOptions) => {
    const { verifyCommand } = await import('../credits/ledger-command.js');
    await verifyCommand(options, say);
  });
  credits
    .command('policy')
    .description('set the drain order from an instant on')
    .addArgument(new Argument('<ledger>').choices(LEDGERS))
    .addArgument(new Argument('<order>').choices(ORDERS))
    .argument('<from>', 'a time, for example 2026-12-01T00:00:00Z')
    .action(async (ledger: LedgerName, order: DrainOrder, from: string) => {
      const { policyCommand } = await import('../credits/ledger-command.js');
      await policyCommand(ledger, order, from, say);
    });
  credits
    .command('vectors')
    .description('run a file of test cases against a scratch schema')
    .argument('<file>', 'JSON, in the format of test/vectors/credits.json')
    .action(async (file: string) => {
      const { vectorsCommand } = await import('../credits/vectors-command.js');
      await vectorsCommand(file, say);
    });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

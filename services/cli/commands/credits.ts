import { Argument, type Command, Option } from 'commander';
import type { LedgerName } from '../../../domain/credits/lot.js';
import type { DrainOrder } from '../../../domain/credits/order.js';

const LEDGERS: readonly LedgerName[] = ['actions', 'aleph'];
const ORDERS: readonly DrainOrder[] = ['emission', 'expiration'];

interface WhichOptions {
  readonly ledger?: LedgerName;
  readonly address?: string;
}

/** What they run is loaded when needed: other commands do without. */
export function addCredits(program: Command): void {
  const credits = program.command('credits').description('the credit ledgers');
  const which = (command: Command): Command =>
    command
      .addOption(new Option('--ledger <ledger>', 'only this one').choices(LEDGERS))
      .option('--address <address>', 'only this one');
  which(
    credits
      .command('rebuild')
      .description('make lots again from the history, on the workers; one address at once'),
  )
    .option('--dry-run', 'tell what would change, and change nothing')
    .action(async ({ dryRun = false, ...options }: WhichOptions & { dryRun?: boolean }) => {
      const { rebuildCommand } = await import('../credits/ledger-command.js');
      await rebuildCommand(options, dryRun, say);
    });
  which(
    credits.command('verify').description('compare lots with the history; fails when one differs'),
  ).action(async (options: WhichOptions) => {
    const { verifyCommand } = await import('../credits/ledger-command.js');
    await verifyCommand(options, say);
  });
  credits
    .command('policy')
    .description('drain in another order from an instant on')
    .addArgument(new Argument('<ledger>').choices(LEDGERS))
    .addArgument(new Argument('<order>').choices(ORDERS))
    .argument('<from>', 'like 2026-12-01T00:00:00Z')
    .action(async (ledger: LedgerName, order: DrainOrder, from: string) => {
      const { policyCommand } = await import('../credits/ledger-command.js');
      await policyCommand(ledger, order, from, say);
    });
  credits
    .command('vectors')
    .description('run a file of cases against a scratch schema')
    .argument('<file>', 'JSON, in the format of test/vectors/credits.json')
    .action(async (file: string) => {
      const { vectorsCommand } = await import('../credits/vectors-command.js');
      await vectorsCommand(file, say);
    });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import type { Command } from 'commander';

export function addCredits(program: Command): void {
  const credits = program.command('credits').description('the credit ledgers');
  credits
    .command('vectors')
    .description('run a file of cases against a scratch schema')
    .argument('<file>', 'JSON, in the format of test/vectors/credits.json')
    .action(runVectorFile);
}

async function runVectorFile(file: string): Promise<void> {
  // Loaded when needed: other commands do without.
  const { vectorsCommand } = await import('../credits/vectors-command.js');
  await vectorsCommand(file, say);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import type { Command } from 'commander';
import { raiseEpoch, readEpoch } from '../../../db/installation.js';
import { withPool } from '../with-pool.js';

export function addEpoch(program: Command): void {
  const epoch = program
    .command('epoch')
    .description(
      'which data this is: every message carries it, and those of other data are ignored',
    );
  epoch
    .command('show')
    .description('the epoch, in milliseconds')
    .action(() => withPool(async (pool) => say(String(await readEpoch(pool)))));
  epoch
    .command('raise')
    .description('after PostgreSQL was restored to an earlier time, before the processes start')
    .requiredOption('--because <text>', 'the reason, for other operators')
    .action(() =>
      withPool(async (pool) => {
        say(`the epoch is ${await raiseEpoch(pool)}: messages of before are ignored`);
      }),
    );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

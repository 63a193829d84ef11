import type { Command } from 'commander';
import { findAccount } from '../../../engine/accounts/accounts.js';
import { recomputeTrust } from '../../../engine/trust/recompute.js';
import { addSeed, territoriesByAge } from '../../../engine/trust/run.js';
import { withPool } from '../with-pool.js';

export function addTrust(program: Command): void {
  const trust = program
    .command('trust')
    .description('how much the votes of accounts weigh, by territory');
  trust
    .command('recompute')
    .description('compute it anew; a computation that was stopped goes on (to be run every night)')
    .argument('[territory]', 'all of them when left out')
    .action((territory: string | undefined) =>
      withPool(async (pool) => {
        const names = territory === undefined ? await territoriesByAge(pool) : [territory];
        for (const name of names) {
          await recomputeTrust(pool, name);
          say(`trust in ${name === '' ? 'what is in no territory' : name} is computed`);
        }
      }),
    );
  trust
    .command('seed')
    .description('an account from which trust begins')
    .argument('<account>', 'its name')
    .action((name: string) =>
      withPool(async (pool) => {
        await addSeed(pool, (await findAccount(pool, name)).id);
        say(`trust begins at ${name} from the next computation on`);
      }),
    );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

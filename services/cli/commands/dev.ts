import type { Command } from 'commander';
import { resetOrders } from '../../../engine/transmissions/reset-orders.js';
import { CommandError } from '../run-command.js';
import { withPool } from '../with-pool.js';

export function addDev(program: Command): void {
  const dev = program.command('dev').description('for development and tests only');
  dev
    .command('reset')
    .description('empty what a part of the system holds, while it runs')
    .option('--satellite', 'orders, messages and confirmations; numbers begin at 1 again')
    .action(async ({ satellite = false }: { satellite?: boolean }) => {
      if (!satellite) throw new CommandError('nothing to reset', 'name it: --satellite');
      refuseInProduction();
      const { orders } = await withPool(resetOrders);
      process.stdout.write(`${orders} orders were emptied; the next number is 1\n`);
    });
}

/** Either name counts: the peer's or ours. Neither means development, as everywhere. */
function refuseInProduction(): void {
  for (const name of ['ENV', 'QUITTANCE_ENV']) {
    const value = process.env[name]?.trim();
    if (value === undefined || value === '' || value === 'development' || value === 'test')
      continue;
    throw new CommandError(
      `${name} is ${value}`,
      'this is refused unless it is development or test',
    );
  }
}

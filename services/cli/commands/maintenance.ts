import type { Command } from 'commander';
import { turnMaintenanceOff, turnMaintenanceOn } from '../../../engine/maintenance-mode.js';
import { withPool } from '../with-pool.js';

export function addMaintenance(program: Command): void {
  const maintenance = program
    .command('maintenance')
    .description(
      'maintenance mode: payments by balance only, no new invoices; what is open goes on',
    );
  maintenance
    .command('on')
    .description('refuse what needs a new invoice (503 service.maintenance)')
    .requiredOption('--because <text>', 'the reason, for other operators')
    .action(({ because }: { because: string }) =>
      withPool(async (pool) => {
        await turnMaintenanceOn(pool, because);
        say('maintenance mode is on: what needs a new invoice is refused');
      }),
    );
  maintenance
    .command('off')
    .description('ask the node for invoices again')
    .action(() =>
      withPool(async (pool) => {
        const was = await turnMaintenanceOff(pool);
        const since =
          was === undefined ? 'it was off' : `it was on since ${was.since.toISOString()}`;
        say(`maintenance mode is off (${since})`);
      }),
    );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

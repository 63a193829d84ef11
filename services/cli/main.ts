#!/usr/bin/env node
import { Command } from 'commander';
import { addAction } from './commands/action.js';
import { addCredits } from './commands/credits.js';
import { addDeadletters } from './commands/deadletters.js';
import { addDoctor } from './commands/doctor.js';
import { addInstance } from './commands/instance.js';
import { addIntake } from './commands/intake.js';
import { addKeys } from './commands/keys.js';
import { addMaintenance } from './commands/maintenance.js';
import { addMigrate } from './commands/migrate.js';
import { addOperator } from './commands/operator.js';
import { addTrust } from './commands/trust.js';
import { addDev } from './commands/dev.js';
import { addSatellite } from './commands/satellite.js';
import { addUp } from './commands/up.js';
import { addSdkTypes } from './commands/sdk-types.js';
import { addServers } from './commands/servers.js';
import { addUpgrade } from './commands/upgrade.js';
import { ignoreClosedPipes } from './closed-pipes.js';
import { useInstance } from './find-instance.js';
import { packageVersion } from './package-version.js';
import { runCommand } from './run-command.js';

const program = new Command('quittance')
  .description('Paid actions and satellite transmissions as durable processes.')
  .version(packageVersion())
  .option('--debug', 'show the stack of an error')
  .showHelpAfterError('(--help lists commands and options)')
  .addHelpText('after', '\nExit codes: 0 well, 1 broken or refused, 2 could not look or be done.')
  .exitOverride();

/** They start an installation of their own. */
const STARTERS = ['up', 'servers'];
program.hook('preAction', async (_program, command) => {
  if (!STARTERS.includes(command.name())) await useInstance();
});

addMigrate(program);
addUpgrade(program);
addUp(program);
addSatellite(program);
addServers(program);
addSdkTypes(program);
addDeadletters(program);
addCredits(program);
addDoctor(program);
addAction(program);
addIntake(program);
addKeys(program);
addMaintenance(program);
addOperator(program);
addInstance(program);
addTrust(program);
addDev(program);

ignoreClosedPipes();
await runCommand(program, process.argv);

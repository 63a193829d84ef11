import { Command } from 'commander';
import { addAction } from './commands/action.js';
import { addCredits } from './commands/credits.js';
import { addDeadletters } from './commands/deadletters.js';
import { addDeploy } from './commands/deploy.js';
import { addDev } from './commands/dev.js';
import { addDifferences } from './commands/differences.js';
import { addDoctor } from './commands/doctor.js';
import { addEpoch } from './commands/epoch.js';
import { addInstance } from './commands/instance.js';
import { addIntake } from './commands/intake.js';
import { addKeys } from './commands/keys.js';
import { addMaintenance } from './commands/maintenance.js';
import { addMigrate } from './commands/migrate.js';
import { addOperator } from './commands/operator.js';
import { addPrepare } from './commands/prepare.js';
import { addSatellite } from './commands/satellite.js';
import { addSdkTypes } from './commands/sdk-types.js';
import { addServers } from './commands/servers.js';
import { addTrust } from './commands/trust.js';
import { addUp } from './commands/up.js';
import { addUpgrade } from './commands/upgrade.js';
import { packageVersion } from './package-version.js';

/** Every command; nothing runs yet. */
export function buildProgram(): Command {
  const program = new Command('quittance')
    .description('Paid actions and satellite transmissions as durable processes.')
    .version(packageVersion())
    .option('--debug', 'show the stack of an error')
    .showHelpAfterError('(--help lists commands and options)')
    .addHelpText('after', '\nExit codes: 0 well, 1 broken or refused, 2 could not look or be done.')
    .exitOverride();
  addMigrate(program);
  addPrepare(program);
  addDeploy(program);
  addUpgrade(program);
  addUp(program);
  addSatellite(program);
  addServers(program);
  addSdkTypes(program);
  addDeadletters(program);
  addCredits(program);
  addDoctor(program);
  addDifferences(program);
  addEpoch(program);
  addAction(program);
  addIntake(program);
  addKeys(program);
  addMaintenance(program);
  addOperator(program);
  addInstance(program);
  addTrust(program);
  addDev(program);
  return program;
}

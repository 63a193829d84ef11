import { join } from 'node:path';
import { migrate } from '../../../db/migrate.js';
import { packageRoot } from '../../../db/package-root.js';
import { runProgram } from '../../../services/cli/servers/run-program.js';
import { System } from '../../e2e/system.helper.js';
import { OwnPostgres } from '../../support/own-postgres.js';
import { STORM_ENVIRONMENT } from '../storm/storm.js';

export interface SystemWithPostgres {
  readonly system: System;
  /** Of the simulated node alone: a node does not lose what our database loses. */
  readonly nodeDatabase: OwnPostgres;
  stop(): Promise<void>;
}

/** A system whose PostgreSQL is at that URL; the simulated node keeps its own books elsewhere. */
export async function startSystemWith(databaseUrl: string): Promise<SystemWithPostgres> {
  const nodeDatabase = await OwnPostgres.start();
  await migrate({ connectionString: nodeDatabase.urlOf() });
  const system = await System.start({
    environment: { ...STORM_ENVIRONMENT, DATABASE_URL: databaseUrl },
    environmentOf: (name) =>
      name === 'lightning-simulator' ? { DATABASE_URL: nodeDatabase.urlOf() } : {},
  });
  return {
    ...{ system, nodeDatabase },
    stop: async () => {
      await system.stop();
      await nodeDatabase.remove();
    },
  };
}

/** Runs a command of `quittance` against that database, as an operator does. Gives what it printed. */
export function quittance(
  { parts }: System,
  args: readonly string[],
  databaseUrl: string,
): Promise<string> {
  const script = join(packageRoot(), 'dist', 'services', 'cli', 'main.js');
  const env = { ...process.env, ...parts.variables, DATABASE_URL: databaseUrl };
  return runProgram(process.execPath, [script, ...args], { env, cwd: packageRoot() });
}

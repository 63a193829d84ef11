import type { Command } from 'commander';
import { loadConfigPart } from '../../shared/config.js';
import { CommandError, messageOf } from '../run-command.js';
import { operationsModule } from '../sdk-types/operations-module.js';

export function addSdkTypes(program: Command): void {
  program
    .command('sdk-types')
    .description('print the types of the API that runs, with those of its extensions')
    .action(async () => {
      const { apiUrl } = loadConfigPart(['QUITTANCE_API_URL']);
      process.stdout.write(operationsModule(await readDocument(apiUrl)));
    });
}

async function readDocument(apiUrl: string): Promise<unknown> {
  try {
    const answer = await fetch(new URL('/openapi.json', apiUrl));
    return await answer.json();
  } catch (error) {
    throw new CommandError(
      `the API at ${apiUrl}: ${messageOf(error)}`,
      'check QUITTANCE_API_URL and that the API runs and serves its documentation',
      { cause: error },
    );
  }
}

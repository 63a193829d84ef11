import { type Command, InvalidArgumentError } from 'commander';
import type { EvaluateCommand } from '../intake/evaluate-command.js';
import { addIntakeIncidents } from './intake-incidents.js';

/** The code of each command is loaded only when it runs, so that other commands start faster. */
export function addIntake(program: Command): void {
  const intake = program.command('intake').description('watch over the orders of stores');
  addIntakeIncidents(intake);
  intake
    .command('evaluate')
    .description('score thresholds on stored history: false alarms, and how soon losses are found')
    .option('--store <store>', 'the history of this store')
    .option('--file <csv>', 'the history in a file: status,entered_at,left_at')
    .option('--status <status>', 'the status that orders stay in', 'processing')
    .option('--zone <zone>', 'the time zone of the offices, for a file', 'UTC')
    .option('--losses <number>', 'how many updates are lost on purpose', wholeNumber, 200)
    .option('--seed <number>', 'which ones', wholeNumber, 1)
    .action(async (options: EvaluateCommand) => {
      const { evaluateCommand } = await import('../intake/evaluate-command.js');
      await evaluateCommand(options, (line) => process.stdout.write(`${line}\n`));
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('not a whole number');
  return Number(text);
}

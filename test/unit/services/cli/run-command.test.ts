import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { Refusal } from '../../../../domain/refusal.js';
import { EXIT } from '../../../../services/cli/exit-codes.js';
import {
  CommandError,
  failureText,
  messageOf,
  runCommand,
} from '../../../../services/cli/run-command.js';
import { ConfigError } from '../../../../services/shared/config.js';

const cause = new Error('connect ECONNREFUSED');
const failure = new CommandError('PostgreSQL is away', 'start it', { cause });

test('a failure is one line and what to do next', () => {
  expect(failureText(failure, false)).toBe('quittance: PostgreSQL is away\n  next: start it');
  expect(failureText(new Error('odd'), false)).toMatch(/^quittance: odd\n {2}next: .*--debug/);
});

test('a refused configuration names its documentation', () => {
  expect(failureText(new ConfigError(['NATS_URL is not set']), false)).toMatch(
    /NATS_URL is not set\n {2}next: docs\/configuration.md/,
  );
});

test('--debug shows the stack, and the causes', () => {
  const text = failureText(failure, true);
  expect(text).toMatch(/^CommandError: PostgreSQL is away\n {4}at /);
  expect(text).toContain('caused by Error: connect ECONNREFUSED');
});

test('each different error of several connection attempts is shown once', () => {
  const both = new AggregateError([new Error('refused 1'), new Error('refused 1'), cause], '');
  expect(messageOf(both)).toBe('refused 1; connect ECONNREFUSED');
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** The exit code of a command that is given these arguments, and throws this. */
async function exitCodeOf(args: readonly string[], thrown?: Error): Promise<unknown> {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const quiet = { writeErr: () => undefined, writeOut: () => undefined };
  const program = new Command('quittance').exitOverride().configureOutput(quiet);
  const acts = program.command('act').exitOverride().configureOutput(quiet);
  acts.argument('<what>').action(() => {
    if (thrown !== undefined) throw thrown;
  });
  await runCommand(program, ['node', 'quittance', ...args]);
  return process.exitCode ?? EXIT.well;
}

test('the exit code says whether something is broken, or could not be looked at', async () => {
  expect(await exitCodeOf(['act', 'well'])).toBe(0);
  expect(await exitCodeOf(['act', 'x'], failure)).toBe(1);
  expect(await exitCodeOf(['act', 'x'], new Refusal('item.not_found', 'no'))).toBe(1);
  expect(await exitCodeOf(['act', 'x'], new Error('odd'))).toBe(1);
  const notLooked = new CommandError('NATS is away', 'start it', { exitCode: EXIT.notLooked });
  expect(await exitCodeOf(['act', 'x'], notLooked)).toBe(2);
  expect(await exitCodeOf(['act', 'x'], new ConfigError(['NATS_URL is not set']))).toBe(2);
  for (const args of [['act'], ['nothing'], ['act', '--odd']]) {
    expect(await exitCodeOf(args), args.join(' ')).toBe(2);
  }
});

import { expect, test } from 'vitest';
import { CommandError, failureText, messageOf } from '../../../../services/cli/run-command.js';
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

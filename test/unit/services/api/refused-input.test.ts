import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { failureOf, withoutVainRetries } from '../../../../activities/door.js';
import { Refusal } from '../../../../domain/refusal.js';
import { refusalOf, statusOf } from '../../../../services/shared/problem.js';
import { failureText } from '../../../../services/cli/run-command.js';
import { reasonForRefusal } from '../../../../services/relay/consumer/failed-message.js';

function databaseError(code: string): DatabaseError {
  return Object.assign(new DatabaseError('said by PostgreSQL', 0, 'error'), { code });
}

/** Out of range, not a text, a violated constraint, a row too large for an index. */
const REFUSED = ['22003', '22021', '22P02', '23505', '23514', '54000'];
const OURS = ['42P01', '40001', '57P01'];

describe('a value that PostgreSQL refuses is the sender’s fault, at every door', () => {
  it.each(REFUSED)('%s', (code) => {
    const error = databaseError(code);
    expect(refusalOf(error)).toMatchObject({ code: 'request.invalid', status: 400 });
    expect(statusOf(error)).toBe(400);
    expect(withoutVainRetries(error)).toMatchObject({
      ...{ nonRetryable: true, type: 'request.invalid' },
    });
    expect(reasonForRefusal(error, 5)).toContain(code);
    expect(failureText(error, false)).toContain('look at the arguments');
  });

  it.each(OURS)('%s is not', (code) => {
    const error = databaseError(code);
    expect(refusalOf(error).status).toBeGreaterThanOrEqual(500);
    expect(statusOf(error)).toBeGreaterThanOrEqual(500);
    expect(withoutVainRetries(error)).toBe(error);
    expect(reasonForRefusal(error, 5)).toBeUndefined();
    expect(failureText(error, false)).not.toContain('look at the arguments');
  });
});

it('a refusal of ours ends a workflow at once, in well-formed words', () => {
  const failure = withoutVainRetries(new Refusal('item.not_found', 'there is no item \ud800'));
  expect(failure).toMatchObject({ nonRetryable: true, type: 'item.not_found' });
  expect(failureOf('request.invalid', `half \ud800, NUL \0`).message).toBe(
    'half \ufffd, NUL \ufffd',
  );
});

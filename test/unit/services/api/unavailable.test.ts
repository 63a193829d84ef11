import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { isDatabaseUnavailable } from '../../../../db/errors.js';

function databaseError(code: string): DatabaseError {
  return Object.assign(new DatabaseError('said by PostgreSQL', 0, 'error'), { code });
}

describe('isDatabaseUnavailable', () => {
  it('recognizes errors of PostgreSQL', () => {
    for (const code of [
      '08006',
      '53300',
      '57P01',
      '57P02',
      '57P03',
      '57014',
      '55P03',
      '25P03',
      '25P04',
    ]) {
      expect(isDatabaseUnavailable(databaseError(code)), code).toBe(true);
    }
    for (const code of ['23505', '40001', '42P01', '22003', '57000']) {
      expect(isDatabaseUnavailable(databaseError(code)), code).toBe(false);
    }
  });

  it('recognizes connection errors', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(isDatabaseUnavailable(refused)).toBe(true);
    expect(isDatabaseUnavailable(new AggregateError([refused, refused]))).toBe(true);
    expect(isDatabaseUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isDatabaseUnavailable(new Error('timeout exceeded when trying to connect'))).toBe(true);
    for (const other of [new Error('a fault of ours'), new TypeError('x'), 'text', undefined]) {
      expect(isDatabaseUnavailable(other)).toBe(false);
    }
  });
});

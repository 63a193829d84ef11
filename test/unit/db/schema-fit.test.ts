import { expect, test } from 'vitest';
import { schemaProblem } from '../../../db/schema-fit.js';

const release = (...versions: number[]) => versions.map((version) => ({ version, name: 'step' }));

test('a release runs on the schema that it has made', () => {
  expect(schemaProblem(release(1, 2, 5), { applied: [1, 2, 5], fitsFrom: 2 })).toBeUndefined();
});

test('a release runs on a newer schema that only adds', () => {
  expect(schemaProblem(release(1, 2), { applied: [1, 2, 5, 9], fitsFrom: 2 })).toBeUndefined();
});

test('a release does not run on a schema that lacks what it needs', () => {
  const problem = 'the database lacks 0002_step, which this release needs: run quittance prepare';
  expect(schemaProblem(release(1, 2), { applied: [1], fitsFrom: 1 })).toContain(problem);
  expect(schemaProblem(release(1, 2, 3), { applied: [], fitsFrom: 0 })).toContain(
    '0001_step and 2 more migrations',
  );
});

test('a release does not run on a schema from which something was taken that it uses', () => {
  expect(schemaProblem(release(1, 2), { applied: [1, 2, 5], fitsFrom: 5 })).toBe(
    'the database has a schema for releases from migration 5 on, and this one ends with 2: run a newer release',
  );
});

import { expect, test } from 'vitest';
import { labelOf, planMigrations, type AppliedMigration } from '../../../db/migration-plan.js';
import type { MigrationFile } from '../../../db/migration-files.js';

const file = (version: number, checksum = `sum-${version}`): MigrationFile => ({
  version,
  name: 'step',
  checksum,
  statements: ['select 1'],
  inTransaction: true,
});

const applied = (version: number): AppliedMigration => ({
  version,
  name: 'step',
  label: labelOf({ version, name: 'step' }),
  checksum: `sum-${version}`,
  appliedAt: new Date(0),
  durationMs: 1,
});

test('plans the pending migrations in order; gaps in the numbers are allowed', () => {
  const plan = planMigrations([file(1), file(2), file(5), file(9)], [applied(1), applied(2)]);
  expect(plan.map(({ version }) => version)).toEqual([5, 9]);
});

test('plans nothing when everything is applied', () => {
  expect(planMigrations([file(1)], [applied(1)])).toEqual([]);
});

test('leaves alone what a newer release has applied', () => {
  expect(planMigrations([file(1), file(2)], [applied(1), applied(2), applied(9)])).toEqual([]);
});

test('refuses files that do not fit the applied migrations, and names each', () => {
  const files = [file(1, 'other'), file(3), file(5), file(6)];
  expect(() => planMigrations(files, [applied(1), applied(2), applied(5)])).toThrow(
    [
      '0001_step was changed after it was applied: restore it, and add a new migration',
      '0002_step was applied and its file is missing: restore it',
      '0003_step comes before 5, which is applied: renumber it',
    ].join('\n'),
  );
});

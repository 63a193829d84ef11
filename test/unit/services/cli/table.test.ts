import { expect, test } from 'vitest';
import { table } from '../../../../services/cli/table.js';

test('columns are as wide as their widest cell, and lines end where their text does', () => {
  expect(
    table([
      ['process', 'pid'],
      ['api', '12345678'],
      ['ground-station', ''],
    ]),
  ).toBe(
    [
      'process         pid',
      '--------------  --------',
      'api             12345678',
      'ground-station',
    ].join('\n'),
  );
  expect(table([])).toBe('');
});

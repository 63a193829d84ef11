import { expect, test } from 'vitest';
import { table } from '../../../../services/cli/table.js';

test('columns are as wide as their widest cell, and lines have no trailing spaces', () => {
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

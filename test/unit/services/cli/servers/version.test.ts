import { describe, expect, it } from 'vitest';
import { POSTGRES } from '../../../../../services/cli/servers/postgres/connect.js';
import { TEMPORAL } from '../../../../../services/cli/servers/temporal/connect.js';
import {
  formatVersion,
  isAtLeast,
  parseVersion,
} from '../../../../../services/cli/servers/version.js';

describe('versions', () => {
  it.each([
    ['postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)', POSTGRES.version, [15, 20]],
    ['postgres (PostgreSQL) 18.4', POSTGRES.version, [18, 4]],
    ['postgres (PostgreSQL) 18beta1', POSTGRES.version, [18]],
    ['temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', TEMPORAL.version, [1, 29, 1]],
    ['temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)', TEMPORAL.version, [1, 29, 1]],
  ])('%s', (output, pattern, version) => {
    expect(parseVersion(output, pattern)).toEqual(version);
  });

  it('is undefined when the output has none', () => {
    expect(parseVersion('tctl version 1.18.0', TEMPORAL.version)).toBeUndefined();
    expect(parseVersion('', POSTGRES.version)).toBeUndefined();
  });

  it.each([
    [[2, 10], [2, 10], true],
    [[2, 10, 7], [2, 10], true],
    [[2, 9, 10], [2, 10], false],
    [[3], [2, 10], true],
    [[2], [2, 10], false],
    [[15, 20], [15], true],
    [[14, 99], [15], false],
  ])('%j is at least %j: %s', (version, minimum, is) => {
    expect(isAtLeast(version, minimum)).toBe(is);
  });

  it('is written with points', () => {
    expect(formatVersion([1, 29, 1])).toBe('1.29.1');
  });
});

import { describe, expect, it } from 'vitest';
import {
  grownSince,
  type Retained,
  retainedRows,
  type RetainedByProcess,
} from '../../soak/chaos/retained.js';

const RETAINED: Retained = { memory: 100, heap: 40, fds: 30, handles: 10 };

const retained = (more: Partial<Retained> = {}): RetainedByProcess =>
  new Map([['api', { ...RETAINED, ...more }]]);

describe('what an idle process retains', () => {
  it('may be as much as before, less, or a little more', () => {
    expect(grownSince(retained(), retained())).toEqual([]);
    expect(grownSince(retained(), retained({ memory: 50, heap: 20, fds: 10, handles: 3 }))).toEqual(
      [],
    );
    expect(
      grownSince(retained(), retained({ memory: 115, heap: 43, fds: 35, handles: 15 })),
    ).toEqual([]);
  });

  it.each([
    ['memory', 115.1],
    ['heap', 43.1],
    ['fds', 36],
    ['handles', 16],
  ] as const)('has grown by more of %s than is allowed', (kind, value) => {
    const line = `api: retained ${kind} from ${RETAINED[kind]} to ${value}`;
    expect(grownSince(retained(), retained({ [kind]: value }))).toEqual([line]);
  });

  it('counts as grown when it could not be read', () => {
    expect(grownSince(retained(), retained({ fds: NaN }))).toHaveLength(1);
    expect(grownSince(retained({ memory: NaN }), retained())).toHaveLength(1);
    expect(grownSince(new Map(), retained())).toHaveLength(4);
  });

  it('is shown in a table, with a value for each part', () => {
    expect(retainedRows([retained(), retained({ memory: 110.26 })])[1]).toEqual([
      'api',
      '100 → 110.3',
      '40 → 40',
      '30 → 30',
      '10 → 10',
    ]);
  });
});

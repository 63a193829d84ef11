import { describe, expect, it } from 'vitest';
import { grownSince, type Held, heldRows, type HeldByEach } from '../../soak/chaos/retained.js';

const HELD: Held = { memory: 100, heap: 40, fds: 30, handles: 10 };

const held = (more: Partial<Held> = {}): HeldByEach => new Map([['api', { ...HELD, ...more }]]);

describe('what is held at rest', () => {
  it('may be as much as before, less, or a little more', () => {
    expect(grownSince(held(), held())).toEqual([]);
    expect(grownSince(held(), held({ memory: 50, heap: 20, fds: 10, handles: 3 }))).toEqual([]);
    expect(grownSince(held(), held({ memory: 115, heap: 43, fds: 35, handles: 15 }))).toEqual([]);
  });

  it.each([
    ['memory', 115.1],
    ['heap', 43.1],
    ['fds', 36],
    ['handles', 16],
  ] as const)('has grown by more of %s than is allowed', (kind, value) => {
    const line = `api: ${kind} at rest from ${HELD[kind]} to ${value}`;
    expect(grownSince(held(), held({ [kind]: value }))).toEqual([line]);
  });

  it('is not known when nothing could be read', () => {
    expect(grownSince(held(), held({ fds: NaN }))).toHaveLength(1);
    expect(grownSince(held({ memory: NaN }), held())).toHaveLength(1);
    expect(grownSince(new Map(), held())).toHaveLength(4);
  });

  it('is shown in a table, at the end of each part', () => {
    expect(heldRows([held(), held({ memory: 110.26 })])[1]).toEqual([
      'api',
      '100 → 110.3',
      '40 → 40',
      '30 → 30',
      '10 → 10',
    ]);
  });
});

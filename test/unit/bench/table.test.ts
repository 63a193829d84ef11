import { describe, expect, it } from 'vitest';
import { type FigureSpec, figuresOf } from '../../bench/report/figure.js';
import { figureTable, number } from '../../bench/report/lines.js';

const specs: readonly FigureSpec[] = [
  { id: 'floor', title: 'floor: rows', unit: 'per second' },
  {
    id: 'ours',
    title: 'opening',
    unit: 'per second',
    floor: 'floor',
    aim: { of: 'ratio', is: 'at least', bound: 0.5 },
  },
  {
    id: 'quick',
    title: 'invoice update',
    unit: 'ms',
    aim: { of: 'value', is: 'at most', bound: 10 },
  },
  { id: 'absent', title: 'not measured', unit: 'ms' },
];

const samples = new Map([
  ['floor', [1000, 2000, 1000]],
  ['ours', [400, 1000, 300]],
  ['quick', [4, 4, 4]],
]);

it('shows values, ratios per round, and whether aims are met', () => {
  const lines = figureTable(figuresOf(specs, samples)).split('\n');
  expect(lines[2]).toMatch(/^floor: rows +per second +1000 \(1000-2000\)$/);
  expect(lines[3]).toMatch(
    /^opening +per second +400 \(300-1000\) +floor: rows +0\.4 \(0\.3-0\.5\) +ratio >= 0\.5 +missed$/,
  );
  expect(lines[4]).toMatch(/^invoice update +ms +4 +<= 10 +met$/);
  expect(lines).toHaveLength(5);
});

it('compares with the sum of several figures, in rounds that measured all of them', () => {
  const sum: FigureSpec = { id: 'whole', title: 'whole', unit: 'ms', floor: ['a', 'b'] };
  const rounds = new Map([
    ['whole', [6, 10, 8]],
    ['a', [1, 2, 1]],
    ['b', [2, 3, undefined]],
  ]);
  expect(figuresOf([sum], rounds)[0]?.ratio).toEqual({ median: 2, min: 2, max: 2 });
});

describe('an aim', () => {
  it('for a ratio is not decided without the floor', () => {
    const alone = figuresOf(specs, new Map([['ours', [400]]]));
    expect(alone[0]).not.toHaveProperty('met');
    expect(alone[0]).not.toHaveProperty('ratio');
  });
});

it.each([
  [0, '0'],
  [0.12345, '0.123'],
  [12.345, '12.3'],
  [1234.5, '1235'],
])('%d is written %s', (value, text) => {
  expect(number(value)).toBe(text);
});
